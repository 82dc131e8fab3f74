import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openState } from '../../db/state.ts';
import { recordConsole } from '../../test/support/console.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { formatGood } from '../policy/good.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const state = join(dir, 'state.db');
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function exception(...argv: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['exception', ...argv, '--data', dir], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

const complete: Readonly<Record<string, string>> = {
  '--advisory': 'CVE-2024-1',
  '--reason': 'not called',
  '--author': 'ada@example.org',
  '--expires': inDays(10),
};
const add = (more: Readonly<Record<string, string | null>>) => {
  const options = Object.entries({ ...complete, ...more });
  return exception('add', ...options.flatMap(([name, value]) => (value === null ? [] : [name, value])));
};

beforeAll(() => openState(state).close());

describe('exception add', () => {
  const wrong: readonly [what: string, more: Readonly<Record<string, string | null>>, told: RegExp][] = [
    ['no expiry', { '--expires': null }, /^--expires: found nothing, allowed a day such as 2026-12-31/],
    ['an expiry that is none', { '--expires': 'soon' }, /^--expires: found "soon", allowed a day/],
    [
      'an expiry that is over',
      { '--expires': '2020-01-01' },
      /^--expires: found "2020-01-01", which is over/,
    ],
    ['no reason', { '--reason': null }, /^--reason: found nothing, allowed a text/],
    ['an empty author', { '--author': ' ' }, /^--author: found " ", allowed a text/],
    ['no advisory', { '--advisory': null }, /^--advisory: found nothing, allowed an id or alias/],
    [
      'a tag as an image',
      { '--image': 'docker.io/library/nginx:1' },
      /^--image: found "docker\.io.*allowed a repo/,
    ],
    ['a gate that is none', { '--gate': 'door' }, /^--gate: found "door", allowed proxy, admission/],
    ['a namespace with a blank', { '--namespace': 'a b' }, /^--namespace: found "a b", allowed a name/],
  ];
  it.each(wrong)('takes none with %s', async (_what, more, told) => {
    const { code, output, errors } = await add(more);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(told);
  });
  it('tells every problem at once', async () => {
    const { errors } = await add({ '--expires': null, '--reason': null, '--gate': 'door' });
    expect(
      errors
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
    ).toEqual(['--expires', '--gate', '--reason']);
  });
  it('says where there is no state, and makes none', async () => {
    const console = recordConsole();
    const options = Object.entries(complete).flat();
    const code = await runCommandLine(['exception', 'add', ...options, '--data', data], {
      console,
      env: {},
      stopped: () => Promise.resolve('test'),
    });
    expect(code).toBe(2);
    expect(console.errors()).toMatch(/there is no state at .*data\/state\.db.*--data DIR/);
    expect(existsSync(data)).toBe(false);
  });
});

describe('the life of an exception', () => {
  let first = '';
  it('is granted, and says what comes next', async () => {
    const { code, output, errors } = await add({
      '--package': 'openssl',
      '--ticket': 'SEC-1',
      '--expires': inDays(30),
    });
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(
      /^ex-[0-9a-f]{12}: CVE-2024-1 \(openssl, every image\) is let through until .*30 days left/,
    );
    expect(output).toContain('A running server takes it up within seconds');
    first = output.slice(0, 15);
  });
  it('may hold in few places, and for long, which is said', async () => {
    const where = { '--gate': 'admission', '--namespace': 'web-*', '--advisory': 'CVE-2024-2' };
    const { code, output, errors } = await add({ ...where, '--expires': inDays(400) });
    expect(code).toBe(0);
    expect(output).toContain('(every package, every image, gate admission, namespace web-*)');
    expect(errors).toContain('more than a year');
  });
  it('is listed, what ends first comes first', async () => {
    await add({ '--advisory': 'CVE-2024-3', '--expires': inDays(1) });
    const { code, output } = await exception('list');
    expect(code).toBe(0);
    expect(output.split('\n').map((line) => /CVE-\S+/.exec(line)?.[0])).toEqual([
      undefined,
      'CVE-2024-3',
      'CVE-2024-1',
      'CVE-2024-2',
    ]);
    expect(output).toMatch(
      /CVE-2024-1 +openssl, every image +\S+ \(30 days left\) +0 findings in 0 images +not called/,
    );
    expect(output).toMatch(/CVE-2024-2 .* at gates /);
  });
  it('is revoked once, and then shown among all', async () => {
    const revoked = await exception('revoke', first, '--by', 'bob', '--reason', 'it is called after all');
    expect([revoked.code, revoked.errors]).toEqual([0, '']);
    const again = await exception('revoke', first, '--by', 'bob', '--reason', 'again');
    expect(again.code).toBe(2);
    expect(again.errors).toContain(`no exception ${first} holds`);
    expect((await exception('list')).output).not.toContain('CVE-2024-1 ');
    const all = JSON.parse((await exception('list', '--all', '--format', 'json')).output) as {
      readonly exceptions: readonly object[];
    };
    expect(all.exceptions.at(-1)).toMatchObject({
      id: first,
      ticket: 'SEC-1',
      state: 'revoked',
      revoked: { by: 'bob', reason: 'it is called after all' },
    });
  });
  it('stands in the log with every step', async () => {
    const { code, output, errors } = await exception('log', '--verify');
    expect(code).toBe(0);
    expect(output.split('\n').map((line) => line.split(/ {2,}/)[3])).toEqual([
      'granted',
      'granted',
      'granted',
      'revoked',
    ]);
    expect(errors).toMatch(/the log is whole up to line 4.*[0-9a-f]{64}/);
    const lines = (await exception('log', '--format', 'json')).output.split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ action: 'revoked', actor: 'bob', subject: first });
  });
});

describe('exception list while the policy file is wrong', () => {
  const config = join(dir, 'config.yaml');
  beforeAll(() => {
    writeFileSync(join(dir, 'policy.yaml'), 'version: 1\nname: mine\nruls: []\n');
    writeFileSync(config, `policy: ${join(dir, 'policy.yaml')}\n`);
  });
  it('tells what was granted, and that it is not all', async () => {
    const { code, output, errors } = await exception('list', '--config', config);
    expect([code, output]).toEqual([3, expect.stringContaining('CVE-2024-3')]);
    expect(errors).toMatch(/^NOT COMPLETE: exceptions of policy files are not known: .*ruls/s);
  });
  it('tells those of the last good policy, and that they are', async () => {
    const held = `{ advisory: CVE-2024-9, reason: not called, author: ada, expires: ${inDays(5)} }`;
    const text = `version: 1\nname: kept\nrules: []\nexceptions: [${held}]\n`;
    const records = openState(state);
    const sources = { source: 'policy.yaml', texts: { '': text } };
    records.putGoodPolicy(formatGood({ sources, revision: 'r', granted: [] }));
    records.close();
    const { code, output, errors } = await exception('list', '--config', config);
    expect([code, output]).toEqual([0, expect.stringMatching(/policy kept +CVE-2024-9/)]);
    expect(errors).toMatch(/^the last good policy is in force, the file is not: .*ruls/s);
    const json = await exception('list', '--config', config, '--format', 'json');
    expect(JSON.parse(json.output)).toMatchObject({ complete: true, problem: expect.stringMatching(/ruls/) });
  });
});
