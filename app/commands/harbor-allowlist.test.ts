import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { type FakeHarbor, startFakeHarbor } from '../../test/support/fake-harbor.ts';
import { fakeProject } from '../../test/support/fake-harbor-state.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { exitCodes } from '../console.ts';
import { type AllowlistOptions, harborAllowlist } from './harbor-allowlist.ts';
import { guarded } from './outcome.ts';
import { connectionTo, harborEnv } from './samples-harbor.ts';

const dir = temporaryDirectory();
const now = Date.parse('2099-06-01T00:00:00Z');
const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

let harbor: FakeHarbor;
beforeEach(async () => {
  harbor = await startFakeHarbor();
  harbor.state.projects = [
    fakeProject('team', { reuse_sys_cve_allowlist: 'false' }),
    fakeProject('42', { reuse_sys_cve_allowlist: 'false' }),
    fakeProject('follows', { reuse_sys_cve_allowlist: 'true' }),
    fakeProject('fresh'),
  ];
});
afterEach(() => harbor.close());

/** @param lines exceptions without reason and author */
function policy(lines: readonly string[]): string {
  const file = join(dir, 'policy.yaml');
  const exceptions = lines.map((line) => `  - { ${line}, reason: not reachable, author: ann@example.org }\n`);
  writeFileSync(file, `version: 1\nname: production\nrules: []\nexceptions:\n${exceptions.join('')}`);
  return file;
}
const everywhere = 'advisory: CVE-2099-1, expires: 2099-06-30';

async function allowlist(lines: readonly string[], more: Partial<AllowlistOptions> = {}) {
  const console = recordConsole();
  const options: AllowlistOptions = {
    connection: connectionTo(harbor.url),
    project: null,
    policy: policy(lines),
    apply: false,
    replace: false,
    format: 'table',
    sources: { file: null, data: null, env: harborEnv },
    ...more,
  };
  const tools = { now: () => now, sleep: () => Promise.resolve() };
  const code = await guarded(console, exitCodes.usage, () => harborAllowlist(options, console, tools));
  return { code, output: console.output(), errors: console.errors() };
}

describe('harbor allowlist', () => {
  it('shows what it would write and changes nothing', async () => {
    const { code, output } = await allowlist([everywhere]);
    expect(code).toBe(0);
    expect(output).toMatch(/^would write: the system's allowlist of harbor\.corp\.example/);
    expect(output).toMatch(/CVE-2099-1 +added +2099-06-30 +ann@example\.org +not reachable/);
    expect(output).toContain('--apply');
    expect(harbor.writes).toEqual([]);
  });

  it('writes the list, which ends with the first of its exceptions', async () => {
    const { code, output } = await allowlist([everywhere, 'advisory: CVE-2099-2, expires: 2099-06-10'], {
      apply: true,
    });
    expect(code).toBe(0);
    expect(harbor.state.allowlist).toEqual({
      items: [{ cve_id: 'CVE-2099-1' }, { cve_id: 'CVE-2099-2' }],
      expires_at: seconds('2099-06-11'),
    });
    expect(output).toContain('all of it ends at 2099-06-11T00:00:00.000Z, with the exception of CVE-2099-2');
    const again = await allowlist([everywhere, 'advisory: CVE-2099-2, expires: 2099-06-10'], { apply: true });
    expect(again.output).toMatch(/^as it should be/);
    expect(harbor.writes).toEqual(['PUT /system/CVEAllowlist']);
  });

  const leftOut: readonly [what: string, line: string, project: string | null, why: RegExp][] = [
    [
      'a package',
      'advisory: CVE-2099-9, package: openssl, expires: 2099-06-30',
      null,
      /for the package openssl/,
    ],
    [
      'a package of a project',
      'advisory: CVE-2099-9, package: openssl, image: harbor.corp.example/team/**, expires: 2099-06-30',
      'team',
      /for the package openssl/,
    ],
    [
      'one image',
      'advisory: CVE-2099-9, image: harbor.corp.example/team/app, expires: 2099-06-30',
      null,
      /the system's list is for all of harbor\.corp\.example/,
    ],
    [
      'a project, for the system',
      'advisory: CVE-2099-9, image: harbor.corp.example/team/**, expires: 2099-06-30',
      null,
      /the system's list is for all/,
    ],
    [
      'a part of the project',
      'advisory: CVE-2099-9, image: harbor.corp.example/team/*, expires: 2099-06-30',
      'team',
      /not all of harbor\.corp\.example\/team/,
    ],
    [
      'another project',
      'advisory: CVE-2099-9, image: harbor.corp.example/other/**, expires: 2099-06-30',
      'team',
      /not all of/,
    ],
    [
      'another registry',
      'advisory: CVE-2099-9, image: docker.io/**, expires: 2099-06-30',
      'team',
      /not all of/,
    ],
    ['what is over', 'advisory: CVE-2099-9, expires: 2099-05-30', null, /it ended at 2099-05-31/],
    [
      'what ends within this second',
      'advisory: CVE-2099-9, expires: "2099-06-01T00:00:00.500Z"',
      null,
      /it ended at/,
    ],
  ];
  it.each(leftOut)(
    'never lets more through than an exception does: %s',
    async (_what, line, project, why) => {
      const { code, output } = await allowlist([line, everywhere], { apply: true, project });
      expect(code).toBe(0);
      expect(output).toMatch(why);
      const list = project === null ? harbor.state.allowlist : harbor.state.projects[0]?.cve_allowlist;
      expect(list).toEqual({ items: [{ cve_id: 'CVE-2099-1' }], expires_at: seconds('2099-07-01') });
    },
  );

  it('gives a project what is excepted in all of it', async () => {
    const line = 'advisory: GHSA-x, image: harbor.corp.example/42/**, expires: 2099-06-30';
    const { code, output } = await allowlist([line], { apply: true, project: '42' });
    expect(code).toBe(0);
    expect(harbor.state.projects[1]?.cve_allowlist.items).toEqual([{ cve_id: 'GHSA-x' }]);
    expect(harbor.state.allowlist.items).toEqual([]);
    expect(output).toMatch(/letter by letter.*GHSA-x/);
    expect(output).toContain('known from elsewhere');
  });

  it('takes the exception that holds longest', async () => {
    await allowlist([everywhere, 'advisory: CVE-2099-1, expires: 2099-06-10'], { apply: true });
    expect(harbor.state.allowlist.expires_at).toBe(seconds('2099-07-01'));
  });

  it("takes nobody's entries out unless told so", async () => {
    const theirs = { items: [{ cve_id: 'CVE-2000-7' }, { cve_id: 'CVE-2099-1' }] };
    harbor.state.allowlist = theirs;
    const refused = await allowlist([everywhere], { apply: true });
    expect(refused.code).toBe(2);
    expect(refused.errors).toMatch(/nothing was changed.*\(CVE-2000-7\).*--replace/);
    expect(harbor.state.allowlist).toBe(theirs);
    const replaced = await allowlist([everywhere], { apply: true, replace: true });
    expect(replaced.code).toBe(0);
    expect(harbor.state.allowlist.items).toEqual([{ cve_id: 'CVE-2099-1' }]);
  });

  it.each(['follows', 'fresh'])('writes no list that has no effect: %s', async (project) => {
    const { code, errors } = await allowlist([everywhere], { apply: true, project });
    expect(code).toBe(2);
    expect(errors).toMatch(/(?:follows|fresh) follows the system's allowlist.*Project allowlist/);
    expect(harbor.writes).toEqual([]);
  });

  it('prints one object for programs', async () => {
    const { output } = await allowlist([everywhere, 'advisory: X, package: y, expires: 2099-06-30'], {
      format: 'json',
    });
    expect(JSON.parse(output)).toMatchObject({
      schemaVersion: 1,
      host: 'harbor.corp.example',
      project: null,
      outcome: 'would',
      wanted: { expires_at: seconds('2099-07-01'), items: [{ cve_id: 'CVE-2099-1' }] },
      added: ['CVE-2099-1'],
      foreign: [],
      leftOut: [{ exception: { advisory: 'X' } }],
    });
  });

  it.each([
    ['a project that is not there', { project: 'nowhere' }, 2, /project nowhere not found/],
    ['a policy that is not there', { policy: '/nowhere' }, 2, /\/nowhere cannot be read/],
  ])('fails with a reason: %s', async (_what, more, expected, told) => {
    const { code, errors } = await allowlist([everywhere], more);
    expect(errors).toMatch(told);
    expect(code).toBe(expected);
  });
});
