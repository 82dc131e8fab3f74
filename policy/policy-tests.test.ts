import { expect, it } from '@jest/globals';
import { parsePolicy } from './parse.ts';
import { runPolicyTests } from './policy-tests.ts';

it("runs a policy's own tests, and says what was found where one fails", () => {
  const policy = parsePolicy(
    `version: 1
name: mine
rules:
  - { id: critical, action: deny, grace: 7d, when: { severity: { atLeast: critical, unknown: false } } }
  - { id: gpl, action: warn, packages: { licence: [GPL-3.0*] } }
tests:
  - name: old and critical
    at: 2026-06-01
    findings: [{ id: CVE-1, severity: critical, published: 2026-01-01 }]
    expect: { status: fail, rules: [critical] }
  - name: fresh and critical
    at: 2026-06-01
    findings: [{ id: CVE-1, severity: critical, published: 2026-05-30 }]
    expect: { status: warn }
  - name: a licence
    at: 2026-06-01
    packages: [{ name: bash, licences: [GPL-3.0-or-later] }]
    expect: { status: pass }
  - name: nothing is known of the system
    at: 2026-06-01
    image: { os: null }
    expect: { status: error, rules: [require.recognisedOs] }
`,
    'mine.yaml',
  );
  const results = runPolicyTests(policy);
  expect(results.map(({ name, passed }) => [name, passed])).toEqual([
    ['old and critical', true],
    ['fresh and critical', true],
    ['a licence', false],
    ['nothing is known of the system', true],
  ]);
  expect(results[2]).toMatchObject({
    expected: { status: 'pass', rules: null },
    found: { status: 'warn', rules: ['gpl'] },
    reasons: ['it holds bash 1: gpl'],
  });
});
