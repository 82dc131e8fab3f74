import { describe, expect, it } from '@jest/globals';
import { isPratiqueError } from '../core/errors.ts';
import { parsePolicy } from './parse.ts';
import { baselinePolicy } from './ready/baseline.ts';

const head = 'version: 1\nname: mine\n';

function refusal(text: string): string {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'policy-invalid') return error.message;
    throw error;
  }
  throw new Error('the policy was accepted');
}

const rule = (when: string, action = 'deny') =>
  `${head}rules:\n  - id: a\n    action: ${action}\n    when: ${when}\n`;
const exception = (fields: string) => `${head}rules: []\nexceptions:\n  - { ${fields} }\n`;
const whole = 'advisory: CVE-1, reason: r, author: a, expires: 2026-12-31';

describe('a policy that is wrong', () => {
  const rows: readonly [what: string, text: string, told: string][] = [
    ['empty', '', 'p.yaml:1:1 the file: found nothing, allowed a map of version, name, rules'],
    ['a list', '- 1', 'p.yaml:1:1 the file: found a list of 1, allowed a map of version'],
    ['no YAML', 'a: [', 'p.yaml:1:5 is not YAML'],
    ['two documents', `${head}rules: []\n---\nversion: 1\n`, 'is not YAML as it has to be'],
    [
      'a key twice',
      `${head}rules: []\nname: other\n`,
      'p.yaml:4:1 is not YAML as it has to be: Map keys must be unique',
    ],
    ['an unknown tag', 'version: 1\nname: !secret x\nrules: []\n', 'p.yaml:2:7 is not YAML'],
    ['another version', 'version: 2\nname: x\nrules: []\n', 'p.yaml:1:10 version: found 2, allowed 1'],
    ['no rules', head, 'p.yaml:1:1 rules: found nothing, allowed a list of at most 200'],
    [
      'an unknown key',
      `${head}rules: []\nrequires: {}\n`,
      'p.yaml:4:1 requires: found the unknown key "requires", allowed version, name, rules, require, artifacts, exceptions, vex, tests (did you mean "require"?)',
    ],
    ['__proto__', `${head}rules: []\n__proto__: {}\n`, 'p.yaml:4:1 __proto__: found the unknown key'],
    [
      'a misspelt value',
      rule('{ any: true }', 'dney'),
      'p.yaml:5:13 rules[0].action: found "dney", allowed deny, warn or info (did you mean "deny"?)',
    ],
    [
      'an empty when',
      rule('{}'),
      'p.yaml:6:11 rules[0].when: found no condition, allowed at least one condition',
    ],
    [
      'severity without unknown',
      rule('{ severity: { atLeast: high } }'),
      'rules[0].when.severity.unknown: found nothing, allowed true or false',
    ],
    [
      'severity without atLeast',
      rule('{ severity: { unknown: true } }'),
      'rules[0].when.severity.atLeast: found nothing, allowed critical, high, medium, low or negligible',
    ],
    [
      'unknown as a threshold',
      rule('{ severity: { atLeast: unknown, unknown: true } }'),
      'found "unknown", allowed critical',
    ],
    [
      'knownExploited: false',
      rule('{ knownExploited: false }'),
      'rules[0].when.knownExploited: found false, allowed true, or leave it out',
    ],
    [
      'a denied bugfix',
      rule('{ kind: [malware, bugfix] }'),
      'p.yaml:6:29 rules[0].when.kind[1]: found "bugfix", allowed vulnerability or malware',
    ],
    [
      'an empty list',
      rule('{ kind: [] }'),
      'rules[0].when.kind: found an empty list, allowed a list of 1 to 3',
    ],
    [
      'a list that is none',
      rule('{ package: openssl }'),
      'rules[0].when.package: found "openssl", allowed a list',
    ],
    [
      'one id twice',
      `${head}rules:\n  - { id: a, action: deny, when: { any: true } }\n  - { id: a, action: warn, when: { any: true } }\n`,
      'p.yaml:5:11 rules[1].id: found "a", which is the id of rules[0] too, allowed an id of its own',
    ],
    [
      'a reserved id',
      `${head}rules:\n  - { id: artifacts, action: deny, when: { any: true } }\n`,
      'rules[0].id: found "artifacts", allowed an id other than',
    ],
    [
      'an age without unit',
      `${head}rules: []\nrequire: { advisories: { maxAge: 7 } }\n`,
      'require.advisories.maxAge: found 7, allowed a number and m, h, d or w',
    ],
    [
      'an age of nothing',
      `${head}rules: []\nrequire: { advisories: { maxAge: 0d } }\n`,
      'found "0d", allowed a number',
    ],
    [
      'a requirement of another word',
      `${head}rules: []\nrequire: { coverage: off }\n`,
      'require.coverage: found "off", allowed error, warn or ignore',
    ],
    [
      'no expiry',
      exception('advisory: CVE-1, reason: r, author: a'),
      'p.yaml:5:5 exceptions[0].expires: found nothing, allowed a day',
    ],
    [
      'no reason',
      exception('advisory: CVE-1, author: a, expires: 2026-12-31'),
      'exceptions[0].reason: found nothing',
    ],
    [
      'a blank author',
      exception('advisory: CVE-1, author: "  ", reason: r, expires: 2026-12-31'),
      'exceptions[0].author: found "  ", allowed a text of 1 to 200 characters',
    ],
    [
      '30 February',
      exception('advisory: CVE-1, reason: r, author: a, expires: 2026-02-30'),
      'exceptions[0].expires: found "2026-02-30"',
    ],
    [
      'a time without zone',
      exception('advisory: CVE-1, reason: r, author: a, expires: "2026-02-03T00:00:00"'),
      'found "2026-02-03T00:00:00", allowed a day',
    ],
    [
      'an image without registry',
      exception(`${whole}, image: nginx`),
      'exceptions[0].image: found "nginx", allowed a repository with its registry',
    ],
    [
      'an image with a tag',
      exception(`${whole}, image: "docker.io/library/nginx:1.27"`),
      'exceptions[0].image: found',
    ],
    ['stars beside letters', exception(`${whole}, image: "docker.io/lib**"`), 'exceptions[0].image: found'],
    [
      'aliases that unfold',
      `a: &a [${'x,'.repeat(9)}x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(9)}x]`).join('\n')}\n`,
      'aliases that unfold too far',
    ],
    ['an alias of nothing', `${head}rules: *none\n`, 'aliases that unfold too far, or to nothing'],
    [
      'two subjects',
      `${head}rules:\n  - id: a\n    action: deny\n    when: { any: true }\n    checks: [runs-as-root]\n`,
      'p.yaml:7:5 rules[0].checks: found "checks" beside "when", allowed exactly one of when, packages, checks, image, expression',
    ],
    [
      'no subject',
      `${head}rules:\n  - { id: a, action: deny }\n`,
      'rules[0]: found a rule about nothing, allowed exactly one of when',
    ],
    [
      'a grace of a warning',
      `${head}rules:\n  - { id: a, action: warn, grace: 7d, when: { any: true } }\n`,
      'rules[0].grace: found "grace", allowed it where the action is deny',
    ],
    [
      'a grace of an image rule',
      `${head}rules:\n  - { id: a, action: deny, grace: 7d, checks: [runs-as-root] }\n`,
      'rules[0].grace: found "grace", allowed it beside "when" alone',
    ],
    [
      'a misspelt control',
      `${head}rules:\n  - { id: a, action: deny, when: { any: true }, controls: [nist-800-190/3.1.9] }\n`,
      'rules[0].controls[0]: found "nist-800-190/3.1.9", allowed nist-800-190/3.1.1, ',
    ],
    [
      'a control of a misspelt guide',
      `${head}rules:\n  - { id: a, action: deny, when: { any: true }, controls: [cis-dokcer/4.1] }\n`,
      '(did you mean "cis-docker/4.1"?)',
    ],
    [
      'a misspelt check',
      `${head}rules:\n  - { id: a, action: deny, checks: [runs-as-rot] }\n`,
      'rules[0].checks[0]: found "runs-as-rot", allowed secret-in-file, secret-in-environment, secret-in-history, possible-secret, setuid-file, world-writable-in-path, add-from-url, runs-as-root, exposes-ssh or no-healthcheck (did you mean "runs-as-root"?)',
    ],
    [
      'a variable that does not exist',
      rule("{ expression: 'fnding.cvss > 9' }"),
      'p.yaml:6:25 rules[0].when.expression: found the unknown variable: fnding, allowed finding, image, os, now (did you mean "finding"?)',
    ],
    [
      'a field that does not exist, in a block',
      `${head}rules:\n  - id: a\n    action: deny\n    expression: |\n      os.id == "debian"\n        && findings.exists(f,\n          f.severty == "low")\n`,
      'p.yaml:9:13 rules[0].expression: found the unknown field: severty',
    ],
    [
      'a field that does not exist, with what was meant',
      rule('{ expression: \'finding.severty == "low"\' }'),
      '(did you mean "severity"?)',
    ],
    [
      'an expression of another type',
      rule("{ expression: 'finding.cvss' }"),
      'rules[0].when.expression: found an expression of type double, allowed one that is true or false',
    ],
    [
      'a label neither absent nor with a value',
      `${head}rules:\n  - { id: a, action: warn, image: { label: { name: team } } }\n`,
      'rules[0].image.label: found a label, allowed either value or absent beside its name',
    ],
    [
      'a score over ten',
      rule('{ cvss: { atLeast: 11, unknown: true } }'),
      'rules[0].when.cvss.atLeast: found 11, allowed a number from 0 to 10',
    ],
    [
      'a scope with a misspelt gate',
      exception(`${whole}, scope: { gates: [proxi] }`),
      'exceptions[0].scope.gates[0]: found "proxi", allowed proxy, admission, harbor, ci or runtime (did you mean "proxy"?)',
    ],
    [
      'a test without a time',
      `${head}rules: []\ntests: [{ name: x, expect: { status: pass } }]\n`,
      'tests[0].at: found nothing, allowed a day such as',
    ],
    [
      'a severity in an expression that is put in order',
      rule('{ expression: \'finding.severity >= "high"\' }'),
      'p.yaml:6:25 rules[0].when.expression: found ">=" between texts (finding.severity), whose order is that of their letters, allowed "when: { severity: { atLeast: high, unknown: true } }", or finding.severity in',
    ],
    [
      'a severity in an expression that there is not',
      rule('{ expression: \'finding.severity in ["CRITICAL"]\' }'),
      'p.yaml:6:47 rules[0].when.expression: found finding.severity, which is never like "CRITICAL", allowed critical, high, medium, low, negligible, unknown (did you mean "critical"?)',
    ],
    [
      'half a kind in an expression',
      rule('{ expression: \'finding.kind == "vuln"\' }'),
      '(did you mean "vulnerability"?)',
    ],
    [
      'no fix, and one for so long',
      rule('{ fixAvailable: false, fixAvailableFor: 30d }'),
      'p.yaml:6:34 rules[0].when.fixAvailableFor: found "fixAvailableFor" beside "fixAvailable: false", which together catch nothing, allowed one of the two$',
    ],
    [
      'no fix, and fixed',
      rule('{ fixAvailable: false, status: [fixed] }'),
      'p.yaml:6:34 rules[0].when.status: found "status: [fixed]" beside "fixAvailable: false"',
    ],
    [
      'one rule under two names',
      `${head}rules:\n  - { id: a, title: A, action: deny, when: { kind: [malware, vulnerability], any: true } }\n  - { id: b, when: { any: true, kind: [vulnerability, malware] }, action: deny }\n`,
      'p.yaml:5:5 rules[1]: found a rule that is the same as rules[0] but for its name and words, allowed one of the two',
    ],
    [
      'one exception twice',
      `${head}rules: []\nexceptions:\n  - { ${whole} }\n  - { ${whole.replace('reason: r', 'reason: other')} }\n`,
      'p.yaml:6:5 exceptions[1]: found an exception for the same as exceptions[0], until the same time, allowed one of the two',
    ],
    [
      'an exception for another policy',
      exception(`${whole}, scope: { policies: [prod] }`),
      'exceptions[0].scope.policies: found an exception that can never hold here, for "prod", allowed "mine", whose file this is',
    ],
    [
      'a test of a rule that is not there',
      `${head}rules: [{ id: critical, action: deny, when: { any: true } }]\ntests: [{ name: x, at: 2026-06-01, expect: { status: fail, rules: [critcal, require.coverage] } }]\n`,
      'p.yaml:4:68 tests[0].expect.rules[0]: found "critcal", allowed critical, artifacts, unfit, require.completeInventory, require.recognisedOs, require.packages, require.coverage, require.advisories (did you mean "critical"?)',
    ],
    [
      'a version in quotes',
      'version: "1"\nname: x\nrules: []\n',
      'version: found "1", allowed 1, a number, without quotes$',
    ],
    [
      'two subjects of which the second is a word of the list',
      `${head}rules:\n  - { id: a, action: deny, when: { any: true }, image: { olderThan: 9d } }\n`,
      'found "image" beside "when", allowed exactly one of when, packages, checks, image, expression$',
    ],
    [
      'a misspelt key of a grace',
      `${head}rules:\n  - id: a\n    action: deny\n    when: { any: true }\n    grace: { perod: 7d }\n`,
      'p.yaml:7:14 rules[0].grace.perod: found the unknown key "perod", allowed period, knownExploited (did you mean "period"?)',
    ],
    [
      'a misspelt span of a grace',
      `${head}rules:\n  - id: a\n    action: deny\n    when: { any: true }\n    grace: { period: 7d, knownExploited: nne }\n`,
      'p.yaml:7:42 rules[0].grace.knownExploited: found "nne", allowed a number and m, h, d or w, such as 7d, or none (did you mean "none"?)',
    ],
    [
      'an end of life of something else',
      `${head}rules:\n  - { id: a, action: deny, image: { endOfLife: { witin: 60d } } }\n`,
      'rules[0].image.endOfLife.witin: found the unknown key "witin", allowed within (did you mean "within"?)',
    ],
    [
      'a system of a test that lacks its version',
      `${head}rules: []\ntests: [{ name: x, at: 2026-06-01, image: { os: { id: debian } }, expect: { status: pass } }]\n`,
      'tests[0].image.os.version: found nothing, allowed a text',
    ],
    ['too long', `# ${'x'.repeat(1024 * 1024)}`, 'allowed 1 MiB'],
    ['nesting without end', '['.repeat(200_000), 'p.yaml'],
  ];
  it.each(rows)('%s is refused', (_what, text, told) => {
    const message = refusal(text);
    if (told.endsWith('$'))
      expect(message.split('\n').some((line) => line.endsWith(told.slice(0, -1)))).toBe(true);
    else expect(message).toContain(told);
  });

  it('tells every problem at once, in the order of the file', () => {
    const message = refusal(
      'version: 3\nname: ""\nrules:\n  - id: A\n    action: deny\n    when: {}\nartifacts: maybe\nexceptions: [{}]\n',
    );
    const places = message.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(places).toEqual([
      'p.yaml:1:10 version:',
      'p.yaml:2:7 name:',
      'p.yaml:4:9 rules[0].id:',
      'p.yaml:6:11 rules[0].when:',
      'p.yaml:7:12 artifacts:',
      'p.yaml:8:14 exceptions[0].advisory:',
      'p.yaml:8:14 exceptions[0].reason:',
      'p.yaml:8:14 exceptions[0].author:',
      'p.yaml:8:14 exceptions[0].expires:',
    ]);
  });

  it('bounds the message', () => {
    const message = refusal(
      `${head}rules: []\n${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join('\n')}\n`,
    );
    expect(message.split('\n')).toHaveLength(101);
    expect(message).toContain('and 400 more problems');
  });
});

describe('a policy that is right', () => {
  it('closes every gate that it does not speak of', () => {
    expect(parsePolicy(`${head}rules: []\n`, 'p')).toEqual({
      version: 1,
      name: 'mine',
      rules: [],
      require: {
        coverage: 'error',
        completeInventory: 'error',
        recognisedOs: 'error',
        packages: 'error',
        advisories: { maxAge: '7d', maxAgeMilliseconds: 604_800_000, action: 'error' },
      },
      artifacts: 'deny',
      exceptions: [],
      tests: [],
      revision: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it.each([
    [
      'rules that differ in what they do',
      'rules: [{ id: a, action: deny, when: { any: true } }, { id: b, action: warn, when: { any: true } }]',
    ],
    [
      'no fix of what is not fixed',
      'rules: [{ id: a, action: deny, when: { fixAvailable: false, status: [fixed, affected] } }]',
    ],
    [
      'exceptions of which one ends later',
      `rules: []\nexceptions: [{ ${whole} }, { ${whole.replace('2026', '2027')} }]`,
    ],
    [
      'an exception for this policy and another',
      `rules: []\nexceptions: [{ ${whole}, scope: { policies: [prod, mine] } }]`,
    ],
  ])('takes %s', (_what, text) => {
    expect(parsePolicy(`${head}${text}\n`, 'p').name).toBe('mine');
  });

  it('reads the baseline', () => {
    const rules = baselinePolicy().rules.map((one) => `${one.action} ${one.id}`);
    expect(rules).toEqual([
      'deny known-exploited',
      'deny malware',
      'deny critical-with-fix',
      'warn high-with-fix',
      'warn secrets',
    ]);
  });

  it.each([
    ['2026-12-31', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['"2026-12-31T18:00:00Z"', '2026-12-31T18:00:00.000Z', '2026-12-31T18:00:00.000Z'],
    ['"2026-12-31t18:00:00.5+02:00"', '2026-12-31T16:00:00.500Z', '2026-12-31T16:00:00.500Z'],
    ['2028-02-29', '2028-02-29', '2028-03-01T00:00:00.000Z'],
  ])('an exception until %s', (written, expires, ends) => {
    const policy = parsePolicy(exception(`advisory: CVE-1, reason: r, author: a, expires: ${written}`), 'p');
    expect(policy.exceptions[0]).toMatchObject({ expires, endsAt: Date.parse(ends) });
  });

  it('has a revision that depends on what it says and not on how it is written', () => {
    const revision = (text: string) => parsePolicy(text, 'p').revision;
    const first = revision(`${head}rules: []\nartifacts: deny\n`);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(revision('# note\nrules: []\nname: "mine"\nversion: 1\n')).toBe(first);
    expect(revision(`${head}rules: []\nartifacts: allow\n`)).not.toBe(first);
    expect(revision(exception(whole))).not.toBe(first);
    const tests = 'tests: [{ name: x, at: 2026-06-01, expect: { status: pass } }]';
    expect(revision(`${head}rules: []\n${tests}\n`)).toBe(first);
  });
});
