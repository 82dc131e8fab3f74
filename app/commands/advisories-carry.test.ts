import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { makeAdvisories, revisionIn } from '../carry/samples.ts';
import { loadConfig } from '../config/load.ts';
import { exportAdvisories } from './advisories-export.ts';
import { importExport } from './advisories-import.ts';
import { rollBack } from './advisories-rollback.ts';
import { showAdvisories } from './advisories-status.ts';
import { updateAdvisories } from './advisories-update.ts';
import { ociAccess } from './oci-flags.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const sources = { file: null, data, env: { DOCKER_CONFIG: '/nowhere' } };
const [day1, day2] = ['2026-01-01', '2026-01-02'];
let file = '';
let first = '';
let second = '';

const run = async (
  work: (console: ReturnType<typeof recordConsole>) => Promise<number>,
  interactive = false,
) => {
  const console = recordConsole(interactive);
  const code = await work(console);
  return { code, output: console.output(), errors: console.errors() };
};
const status = (format: 'table' | 'json' = 'table') =>
  run((console) => showAdvisories({ format, coverage: false, sources }, console));
const rollback = (revision: string | null = null, release = false) =>
  run((console) => rollBack({ revision, release, sources }, console));

beforeAll(() => {
  mkdirSync(data);
  file = makeAdvisories(data, { day: day1 });
  first = revisionIn(file);
  utimesSync(file, new Date(day1), new Date(day1));
  makeAdvisories(data, { day: day2 });
  second = revisionIn(file);
});

describe('advisories rollback', () => {
  it('goes back, says what is held, and shows it in the status', async () => {
    expect(await rollback()).toEqual({
      code: 0,
      output: expect.stringMatching(
        new RegExp(`revision ${first} is in force, instead of ${second}.*\\n.*are held`),
      ),
      errors: '',
    });
    const { output } = await status();
    expect(output).toMatch(new RegExp(`^${second} .*\\n${first} .*in force`, 'm'));
    expect(output).toMatch(/scheduled updates are held since 20.*went back from .* to /);
    expect(JSON.parse((await status('json')).output)).toMatchObject({
      revision: first,
      hold: { from: second, to: first, by: expect.any(String) },
      kept: [
        { revision: second, inForce: false },
        { revision: first, inForce: true },
      ],
    });
  });

  it('keeps an update by the clock away, and says so', async () => {
    const { code, errors } = await run((console) =>
      updateAdvisories({ from: dir, kev: null, scheduled: true, sources }, console),
    );
    expect([code, errors]).toEqual([2, expect.stringMatching(/are held since.*\n.*as before: revision/)]);
  });

  it('lets go when that is asked for, and only then', async () => {
    expect((await rollback(null, true)).output).toMatch(/go on again; they were held since/);
    expect((await rollback(null, true)).output).toBe('scheduled updates are not held');
    expect((await status()).output).not.toContain('held');
    expect(() => rollBack({ revision: first, release: true, sources }, recordConsole())).toThrow(
      /leave one of them out/,
    );
  });

  it('goes forward by name', async () => {
    expect((await rollback(second)).output).toContain(`revision ${second} is in force`);
    await rollback(null, true);
  });
});

describe('advisories export and import', () => {
  it('carry what is in force, with a line that moves where somebody looks', async () => {
    const target = join(dir, 'export.zst');
    const written = await run((console) => exportAdvisories({ to: target, sources }, console), true);
    expect(written).toMatchObject({ code: 0, output: expect.stringMatching(/^revision .*sha256:/) });
    expect(written.errors).toContain('packing: ');
    const other = { ...sources, data: join(dir, 'other') };
    const taken = await run(
      (console) => importExport({ from: target, older: false, sources: other }, console),
      true,
    );
    expect(taken).toMatchObject({ code: 0, output: expect.stringContaining(`revision ${second}, in force`) });
    expect(taken.errors).toContain('unpacking: ');
    expect(revisionIn(join(dir, 'other', 'advisories.db'))).toBe(second);
  });

  it('end a hold, and say so', async () => {
    const other = { ...sources, data: join(dir, 'held') };
    mkdirSync(other.data);
    const at = makeAdvisories(other.data, { day: '2025-01-01' });
    utimesSync(at, new Date(0), new Date(0));
    makeAdvisories(other.data, { day: '2025-01-02' });
    await run((console) => rollBack({ revision: null, release: false, sources: other }, console));
    const { output } = await run((console) =>
      importExport({ from: join(dir, 'export.zst'), older: false, sources: other }, console),
    );
    expect(output).toMatch(/go on again; they were held since/);
  });

  it.each([
    ['a file that is not there', join(dir, 'nowhere.zst'), /nowhere\.zst cannot be read/],
    ['a folder', dir, /is no file/],
    ['a broken file', join(dir, 'broken.zst'), /broken\.zst is no export/],
    ['a registry that is none', 'oci://advisories:1', /names no registry/],
    ['a registry that is not there', 'oci://127.0.0.1:1/a:1', /could not be reached/],
  ])('end with 2 and keep the old ones: %s', async (_what, from, told) => {
    writeFileSync(join(dir, 'broken.zst'), 'broken');
    const { code, output, errors } = await run((console) =>
      importExport({ from, older: false, sources }, console),
    );
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(told);
    expect(errors).toContain(`as before: revision ${second}`);
  });

  it('push nothing under a digest', async () => {
    const to = `oci://127.0.0.1:1/a@sha256:${'a'.repeat(64)}`;
    await expect(exportAdvisories({ to, sources }, recordConsole())).rejects.toThrow(/names a digest/);
  });

  it('write nothing where there is nothing', async () => {
    const empty = { ...sources, data: temporaryDirectory() };
    await expect(
      exportAdvisories({ to: join(dir, 'no.zst'), sources: empty }, recordConsole()),
    ).rejects.toThrow(expect.objectContaining({ code: 'advisories-missing' }));
  });
});

describe('advisories from a registry', () => {
  it('bring their own catalogue of what is exploited', async () => {
    const { code, errors } = await run((console) =>
      updateAdvisories({ from: 'oci://127.0.0.1:1/a:1', kev: 'kev.json', sources }, console),
    );
    expect([code, errors]).toEqual([2, expect.stringContaining('leave out --kev and advisories.kev')]);
  });

  it('may be named in the configuration', () => {
    const config = join(dir, 'p.yaml');
    writeFileSync(config, 'advisories: { from: "oci://r.test/a:1", jitter: 90s, keep: 5 }\n');
    expect(loadConfig({ file: config, data: null, env: {} }).advisories).toMatchObject({
      from: 'oci://r.test/a:1',
      kev: null,
      schedule: null,
      jitter: 90_000,
      keep: 5,
    });
    expect(readFileSync(config, 'utf8')).toContain('oci://');
  });

  const config = loadConfig(sources);
  const access = (flags: object, text: string) =>
    ociAccess(flags, config, sources, Readable.from([Buffer.from(text)]));
  it('are asked for with a password from standard input', async () => {
    const flags = { username: 'me', passwordStdin: true };
    expect(await access(flags, 'a b\r\n')).toMatchObject({
      credentials: { username: 'me', password: 'a b' },
    });
    expect(await access({}, 'unread')).toMatchObject({ credentials: null });
  });
  it.each([
    [{ username: 'me' }, 'x', /go together/],
    [{ passwordStdin: true }, 'x', /go together/],
    [{ username: 'me', passwordStdin: true }, '\n', /no password/],
    [{ username: 'me', passwordStdin: true }, 'x'.repeat(70_000), /more than a password/],
  ])('are not asked for with %j', async (flags, text, told) => {
    await expect(access(flags, text)).rejects.toThrow(told);
  });
});
