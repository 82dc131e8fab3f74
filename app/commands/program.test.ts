import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

async function run(...argv: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(argv, { console, env: {}, stopped: () => Promise.resolve('test') });
  return { code, output: console.output(), errors: console.errors() };
}

describe('the command line', () => {
  it('tells a newcomer what it is, what there is and what exit codes mean', async () => {
    const { code, output, errors } = await run('--help');
    expect([code, errors]).toEqual([0, '']);
    for (const part of ['serve', 'scan', 'verdict', 'advisories', 'policy', '5000', '8443', 'Exit codes']) {
      expect(output).toContain(part);
    }
  });
  it('tells its version', async () => {
    expect(await run('--version')).toEqual({ code: 0, output: '0.1.0', errors: '' });
  });

  const wrong: readonly [what: string, argv: readonly string[], told: RegExp][] = [
    ['no command', [], /Usage: pratique/],
    ['an unknown command', ['scna', 'x'], /unknown command 'scna'[\s\S]*Did you mean scan[\s\S]*--help/],
    ['an unknown option', ['scan', 'x', '--formta', 'json'], /unknown option '--formta'[\s\S]*--format/],
    [
      'an unknown format',
      ['scan', 'x', '--format', 'xml'],
      /'xml' is invalid. Allowed choices are table, json/,
    ],
    ['a missing argument', ['scan'], /missing required argument 'target'/],
    ['too many arguments', ['scan', 'x', 'y'], /too many arguments/],
    ['half a command', ['advisories'], /Usage: pratique advisories/],
    [
      'an archive that is not there',
      ['scan', 'docker-archive:x.tar'],
      /"x.tar" is not a file.*docker-archive:FILE/,
    ],
    ['a URL', ['scan', 'docker://alpine'], /docker: is not supported.*docker-archive:FILE/],
    ['an SBOM that is not there', ['scan', 'sbom:x.json'], /"x.json" is not a file/],
    [
      'a folder that is not there',
      ['scan', 'rootfs:/nowhere/at/all'],
      /"\/nowhere\/at\/all" is not a folder/,
    ],
    ['a folder without what it is', ['scan', './image'], /docker-archive:\.\/image/],
    ['a layout that is not there', ['scan', 'oci:/nowhere:1'], /"\/nowhere" is not a folder/],
    ['no image name', ['scan', 'a//b'], /"a\/\/b" is not an image reference/],
    [
      'a platform that is none',
      ['scan', 'alpine', '--platform', 'arm64'],
      /found "arm64", allowed os\/architecture/,
    ],
    [
      'a platform of a folder',
      ['scan', `rootfs:${dir}`, '--platform', 'linux/arm64'],
      /leave --platform out/,
    ],
    [
      'a policy that is not there',
      ['policy', 'check', '/nowhere/p.yaml'],
      /\/nowhere\/p.yaml cannot be read/,
    ],
    [
      'a configuration that is not there',
      ['scan', 'alpine', '--config', '/nowhere/c.yaml'],
      /cannot be read/,
    ],
    [
      'a policy for serve that is not there',
      ['serve', '--config', file('a.yaml', 'policy: no.yaml\n')],
      /no.yaml cannot be read/,
    ],
    [
      'a data folder that is a file',
      ['serve', '--data', join(file('plain', 'x'), 'below')],
      /the data folder .*plain\/below cannot be made/,
    ],
    [
      'a data folder for advisories that is a file',
      ['advisories', 'update', '--from', dir, '--data', file('plain2', 'x')],
      /the data folder .*plain2 cannot be made/,
    ],
    [
      'a schedule that is none',
      ['serve', '--config', file('b.yaml', 'advisories: { schedule: "61 * * * *" }\n')],
      /advisories.schedule: found "61 \* \* \* \*", allowed a cron expression/,
    ],
    [
      'a schedule of the cache that is none',
      ['serve', '--config', file('cache.yaml', 'cache: { schedule: "every night" }\n')],
      /cache.schedule: found "every night", allowed a cron expression/,
    ],
  ];
  it.each(wrong)('ends with 2 and says why: %s', async (_what, argv, told) => {
    const { code, output, errors } = await run(...argv);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(told);
    expect(errors).not.toMatch(/ at .*\.[jt]s:\d/);
  });

  it.each([
    ['scan', 'alpine'],
    ['scan', `rootfs:${dir}`],
    ['advisories', 'status'],
  ])('ends with 3 where there are no advisories: %s %s', async (...argv) => {
    const { code, errors } = await run(...argv, '--data', join(dir, 'empty'));
    expect(code).toBe(3);
    expect(errors).toContain('pratique advisories update');
  });
});

describe('policy check', () => {
  it('tells what was understood', async () => {
    const policy = file(
      'good.yaml',
      `version: 1
name: strict
rules:
  - { id: bad, action: deny, when: { severity: { atLeast: high, unknown: true }, fixAvailable: true } }
  - { id: old, action: warn, when: { knownExploited: true, ecosystem: [deb, npm] } }
exceptions:
  - { advisory: CVE-2099-1, image: docker.io/library/*, reason: not called, author: a@example.org, expires: 2099-12-31 }
`,
    );
    const { code, output } = await run('policy', 'check', policy);
    expect(code).toBe(0);
    expect(output).toMatch(/^policy strict, revision [0-9a-f]+$/m);
    expect(output).toContain(
      'deny  bad: vulnerability or malware, of severity high or worse or unknown, with a fix',
    );
    expect(output).toContain(
      'warn  old: vulnerability or malware, of type deb or npm, known to be exploited',
    );
    expect(output).toContain('until 2099-12-31  CVE-2099-1 (every package, docker.io/library/*): not called');
  });
  it('names the place of every problem', async () => {
    const policy = file(
      'bad.yaml',
      'version: 1\nname: x\nrules:\n  - { id: a, action: block, when: {} }\nextra: 1\n',
    );
    const { code, errors } = await run('policy', 'check', policy);
    expect(code).toBe(2);
    expect(errors).toMatch(/bad\.yaml:4:\d+ rules\[0\]\.action: found "block"/);
    expect(errors).toMatch(/bad\.yaml:5:1 extra: found the unknown key "extra"/);
  });
});
