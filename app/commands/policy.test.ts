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

async function policy(...argv: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['policy', ...argv], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

const mine = file(
  'mine.yaml',
  `version: 1
name: mine
rules:
  - id: critical
    action: deny
    grace: 7d
    when: { severity: { atLeast: critical, unknown: false }, fixAvailable: true }
    controls: [nist-800-190/3.1.1]
  - { id: many-high, action: deny, count: { atLeast: 3 }, when: { severity: { atLeast: high, unknown: true } } }
  - { id: gpl, action: warn, packages: { licence: ["GPL-3.0*"] } }
  - { id: root, action: info, checks: [runs-as-root] }
  - { id: old, action: warn, image: { os: ["centos:7"] } }
tests:
  - name: old and critical
    at: 2026-06-01
    findings: [{ id: CVE-1, severity: critical, fixedVersion: "2", published: 2026-01-01 }]
    expect: { status: fail, rules: [critical] }
  - name: a licence
    at: 2026-06-01
    packages: [{ name: bash, licences: [GPL-3.0-or-later] }]
    expect: { status: pass }
`,
);
const set = file(
  'set.yaml',
  `version: 1
name: corp
policies: [mine.yaml]
beforeScan:
  - { id: no-mirror, images: [mirror.example/**], action: refuse, reason: it is not ours }
bindings:
  - { id: web, gates: [admission], namespaces: ["web-*"], policy: mine, mode: warn, unknownImage: allow, maxAge: 2h }
  - id: all
    policy: baseline
    context:
      - { id: no-warnings, action: deny, when: { status: [warn] } }
`,
);

describe('policy check', () => {
  it('tells what was understood of rules of every kind', async () => {
    const { code, output, errors } = await policy('check', mine);
    expect([code, errors]).toEqual([0, '']);
    for (const line of [
      '  deny  critical: vulnerability or malware, of severity critical, with a fix (warns for 7d after it was published; known to be exploited: no time)',
      '        stands for nist-800-190/3.1.1',
      '  deny  many-high: at least 3 findings: vulnerability or malware, of severity high or worse or unknown',
      '  warn  gpl: a package under licence GPL-3.0*',
      '  info  root: an image that fails the check runs-as-root',
      '  warn  old: an image of centos:7',
      '2 expected outcomes: "pratique policy test" tries them',
    ]) {
      expect(output).toContain(line);
    }
  });
  it('tells a policy set in its order of precedence, with the policies that it binds', async () => {
    const { code, output } = await policy('check', set);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^policy set corp, revision \w+\n\nbefore anything[^\n]*\n {2}refuse {2}no-mirror: image mirror\.example\/\*\*: it is not ours\n\nbindings/,
    );
    expect(output).toContain('  1. web: gate admission, namespace web-*: policy mine, warn');
    expect(output).toContain('       lets images through that are still being inspected');
    expect(output).toContain(
      '       acts on what a replica knows for at most 2h without having heard of the proxy',
    );
    expect(output).toContain('  2. all: everywhere: policy baseline, enforce');
    expect(output).toContain('       deny  no-warnings: status warn');
    expect(output).toMatch(/^policy mine, [\s\S]*^policy baseline, /m);
    expect(output).not.toContain('policy strict');
  });
  it('names the place of every problem of a set', async () => {
    const bad = file('bad-set.yaml', 'version: 1\nname: x\nbindings:\n  - { id: a, policy: strikt }\n');
    const { code, errors } = await policy('check', bad);
    expect(code).toBe(2);
    expect(errors).toMatch(/bad-set\.yaml:4:\d+ bindings\[0\]\.policy: found "strikt"/);
  });
});

describe('the ready policies', () => {
  it('are listed, one line each', async () => {
    const { code, output } = await policy('list');
    expect(code).toBe(0);
    expect(output.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'POLICY',
      'baseline',
      'strict',
      'known-exploited',
      'audit',
    ]);
  });
  it.each(['baseline', 'strict', 'known-exploited', 'audit'])(
    '%s is shown as a file that can be read',
    async (name) => {
      const { code, output } = await policy('show', name);
      expect(code).toBe(0);
      expect((await policy('check', file(`${name}.yaml`, output))).output).toContain(
        `policy ${name}, revision`,
      );
    },
  );
  it('are named where another is asked for', async () => {
    const { code, errors } = await policy('show', 'lax');
    expect([code, errors]).toEqual([
      2,
      'there is no ready policy "lax", allowed baseline, strict, known-exploited or audit',
    ]);
  });
});

describe('policy test', () => {
  it('tells failures first, and ends with 1', async () => {
    const { code, output } = await policy('test', mine);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^FAILED {2}mine: a licence\n +expected pass\n +found {4}warn by gpl\n +- .*bash[^\n]*\npassed {2}mine: old and critical: fail\n2 expected outcomes: 1 failed, 1 passed$/,
    );
  });
  it('runs those of every policy of a set, as JSON too', async () => {
    const { code, output } = await policy('test', set, '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      passed: false,
      tests: [{ policy: 'mine' }, { name: 'a licence' }],
    });
  });
  it('has to have something to try', async () => {
    const { code, errors } = await policy('test', file('none.yaml', 'version: 1\nname: none\nrules: []\n'));
    expect(code).toBe(2);
    expect(errors).toContain('none.yaml has no expected outcomes');
  });
  it('needs a limit that is a number', async () => {
    const { code, errors } = await policy('diff', 'baseline', 'strict', '--limit', 'all');
    expect(code).toBe(2);
    expect(errors).toContain('a number from 1 to 100000');
  });
});
