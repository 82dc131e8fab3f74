import { describe, expect, it } from '@jest/globals';
import type { ImageFacts } from '../core/inventory.ts';
import type { FinalStatus } from '../core/verdict.ts';
import { finding, type Given, verdictOn } from './samples.ts';

const facts: ImageFacts = {
  created: '2026-01-01T00:00:00Z',
  user: null,
  labels: { team: 'web-front' },
  exposedPorts: [],
  healthcheck: false,
};
const rule = (subject: string, action = 'deny') =>
  `rules: [{ id: r, title: Rule, action: ${action}, ${subject} }]`;
const critical = (fields: Parameters<typeof finding>[0] = {}) => finding({ fixedVersion: null, ...fields });
const root = { id: 'runs-as-root', detail: 'it names no user' } as const;

describe('a rule about', () => {
  const rows: readonly [
    what: string,
    subject: string,
    given: Given,
    status: FinalStatus,
    reason: string | null,
  ][] = [
    [
      'a score',
      'when: { cvss: { atLeast: 7, unknown: false } }',
      { findings: [critical({ cvss: { vector: '', score: 7 } })] },
      'fail',
      'Rule',
    ],
    [
      'a score, unknown',
      'when: { cvss: { atLeast: 7, unknown: false } }',
      { findings: [critical()] },
      'pass',
      null,
    ],
    [
      'a score, unknown and counted',
      'when: { cvss: { atLeast: 7, unknown: true } }',
      { findings: [critical()] },
      'fail',
      'Rule',
    ],
    [
      'a chance',
      'when: { epss: { atLeast: 0.5, unknown: false } }',
      { findings: [critical({ epss: 0.4 })] },
      'pass',
      null,
    ],
    [
      'a status',
      'when: { status: [will_not_fix] }',
      { findings: [critical({ status: 'will_not_fix' })] },
      'fail',
      'Rule',
    ],
    [
      'an old fix',
      'when: { fixAvailableFor: 30d }',
      { findings: [finding({ fixedSince: '2026-01-01T00:00:00Z' })] },
      'fail',
      'Rule',
    ],
    [
      'a fix of yesterday',
      'when: { fixAvailableFor: 30d }',
      { findings: [finding({ fixedSince: '2026-05-31T00:00:00Z' })] },
      'pass',
      null,
    ],
    ['a fix that nobody dates', 'when: { fixAvailableFor: 30d }', { findings: [finding()] }, 'fail', 'Rule'],
    [
      'an old fix, and there is none',
      'when: { fixAvailableFor: 30d }',
      { findings: [critical()] },
      'pass',
      null,
    ],
    [
      'what was published long ago',
      'when: { publishedFor: 30d }',
      { findings: [critical({ published: '2026-05-31T00:00:00Z' })] },
      'pass',
      null,
    ],
    [
      'two findings, and there is one',
      'when: { any: true }, count: { atLeast: 2 }',
      { findings: [critical()] },
      'pass',
      null,
    ],
    [
      'two findings',
      'when: { any: true }, count: { atLeast: 2 }',
      { findings: [critical(), critical()] },
      'fail',
      'Rule',
    ],
    [
      'two findings, of which one is excused',
      'when: { any: true }, count: { atLeast: 2 }',
      {
        findings: [critical(), critical({ id: 'CVE-2024-2', aliases: [] })],
        exceptions: ['advisory: CVE-2024-2, expires: 2026-07-01'],
      },
      'pass',
      null,
    ],
    [
      'an expression over findings',
      "when: { expression: 'finding.cvss > 9.0' }",
      { findings: [critical({ cvss: { vector: '', score: 9.8 } })] },
      'fail',
      'Rule',
    ],
    [
      'an expression that reads what nobody told',
      "when: { expression: 'finding.cvss > 9.0' }",
      { findings: [critical()] },
      'error',
      'whether r denies 1 finding (CVE-2024-1) cannot be told: its expression fails: No such key: cvss',
    ],
    [
      'a check',
      'checks: [runs-as-root]',
      { inventory: { facts, checks: [root] } },
      'fail',
      'it names no user: Rule',
    ],
    [
      'a check that found nothing',
      'checks: [exposes-ssh]',
      { inventory: { facts, checks: [root] } },
      'pass',
      null,
    ],
    [
      'a check that could not be made',
      'checks: [exposes-ssh]',
      {},
      'error',
      'whether r denies cannot be told: its config could not be read',
    ],
    [
      'a check that is switched off',
      'checks: [exposes-ssh]',
      { inventory: { facts, checks: [root], unchecked: ['exposes-ssh'] } },
      'error',
      'whether r denies cannot be told: exposes-ssh: not looked for (scanner.checks in the configuration, or only a bill of materials was scanned)',
    ],
    [
      'a check that is switched off beside one that has found something',
      'checks: [exposes-ssh, runs-as-root]',
      { inventory: { facts, checks: [root], unchecked: ['exposes-ssh'] } },
      'fail',
      'it names no user: Rule',
    ],
    [
      'a check of files, of what has no config',
      'checks: [secret-in-file]',
      { inventory: { facts: null, checks: [] } },
      'pass',
      null,
    ],
    [
      'an expression over checks where one is switched off',
      `expression: '"runs-as-root" in checks'`,
      { inventory: { facts, checks: [root], unchecked: ['exposes-ssh'] } },
      'error',
      'whether r denies cannot be told',
    ],
    ['a package', 'packages: { name: ["libssl*"] }', {}, 'fail', 'it holds libssl3 3.0.1-1: Rule'],
    [
      'a package by its source',
      'packages: { name: [openssl], ecosystem: [deb] }',
      {},
      'fail',
      'it holds libssl3',
    ],
    ['a package of another version', 'packages: { name: [openssl], version: ["1.*"] }', {}, 'pass', null],
    ['a licence that is not told', 'packages: { licence: [unknown] }', {}, 'fail', 'it holds libssl3'],
    ['a licence', 'packages: { licence: ["GPL-3.0*"] }', {}, 'pass', null],
    [
      'a package, by an expression',
      'packages: { expression: \'pkg.name.startsWith("lib")\' }',
      {},
      'fail',
      'it holds libssl3',
    ],
    [
      'age',
      'image: { olderThan: 90d }',
      { inventory: { facts } },
      'fail',
      'it was built on 2026-01-01T00:00:00.000Z, longer than 90d ago: Rule',
    ],
    ['age, of the young', 'image: { olderThan: 190d }', { inventory: { facts } }, 'pass', null],
    [
      'age that is not told',
      'image: { olderThan: 90d }',
      { inventory: { facts: { ...facts, created: null } } },
      'error',
      'does not say when it was built',
    ],
    [
      'a label',
      'image: { label: { name: team, value: "web-*" } }',
      { inventory: { facts } },
      'fail',
      'its label team is web-front: Rule',
    ],
    [
      'a label that has to be there',
      'image: { label: { name: owner, absent: true } }',
      { inventory: { facts } },
      'fail',
      'it has no label owner: Rule',
    ],
    [
      'a label named like what every object has',
      'image: { label: { name: constructor, absent: true } }',
      { inventory: { facts } },
      'fail',
      'it has no label constructor',
    ],
    ['the system', 'image: { os: ["debian:1*"] }', {}, 'fail', 'its operating system is debian:12: Rule'],
    ['the user', 'image: { user: [root, "0"] }', { inventory: { facts } }, 'fail', 'it runs as root: Rule'],
    [
      'end of life',
      'image: { endOfLife: true }',
      { endOfLife: '2026-05-30' },
      'fail',
      'ends on 2026-05-30: Rule',
    ],
    ['end of life to come', 'image: { endOfLife: true }', { endOfLife: '2026-06-30' }, 'pass', null],
    [
      'end of life soon',
      'image: { endOfLife: { within: 60d } }',
      { endOfLife: '2026-06-30' },
      'fail',
      'ends on 2026-06-30: Rule',
    ],
    [
      'an old scan',
      'image: { scanOlderThan: 12h }',
      {},
      'fail',
      'it was scanned on 2026-05-31T12:00:00.000Z, longer than 12h ago: Rule',
    ],
    [
      'the whole, by an expression',
      'expression: \'packages.exists(p, p.source == "openssl") && os.id == "debian"\'',
      {},
      'fail',
      'Rule',
    ],
    [
      'an artifact is not asked',
      'checks: [exposes-ssh]',
      { inventory: { content: 'artifact', packages: [] } },
      'fail',
      'no container image',
    ],
  ];
  it.each(rows)('%s', (_what, subject, given, status, reason) => {
    const verdict = verdictOn({ ...given, policy: rule(subject) });
    expect([verdict.status, verdict.reasons[0] ?? null]).toEqual([
      status,
      reason === null ? null : expect.stringContaining(reason),
    ]);
    const told = verdictOn({ ...given, policy: `${rule(subject, 'info')}\nartifacts: allow` });
    if (status === 'fail' && given.inventory?.content !== 'artifact') {
      expect([told.status, told.rules.map(({ action }) => action)]).toEqual(['pass', ['info']]);
      expect(verdictOn({ ...given, policy: rule(subject, 'warn') }).status).toBe('warn');
    }
  });
});

describe('grace', () => {
  const graced = (more = '') => rule(`grace: 7d, when: { any: true ${more}}`);
  const yesterday = '2026-05-31T12:00:00Z';
  const rows: readonly [string, Given, FinalStatus, string | null][] = [
    [
      'published yesterday',
      { findings: [critical({ published: yesterday })] },
      'warn',
      '2026-06-07T12:00:00.000Z',
    ],
    ['published long ago', { findings: [critical({ published: '2026-01-01T00:00:00Z' })] }, 'fail', null],
    ['published nobody knows when', { findings: [critical()] }, 'fail', null],
    ['published tomorrow', { findings: [critical({ published: '2026-06-02T12:00:00Z' })] }, 'fail', null],
    ['known to be exploited', { findings: [critical({ published: yesterday, kev: true })] }, 'fail', null],
    [
      'nobody can tell whether it is exploited',
      { findings: [critical({ published: yesterday, kev: null })] },
      'fail',
      null,
    ],
    [
      'known to be exploited, with a grace of its own',
      {
        findings: [critical({ published: yesterday, kev: true })],
        policy: rule('grace: { period: 7d, knownExploited: 2d }, when: { any: true }'),
      },
      'warn',
      '2026-06-02T12:00:00.000Z',
    ],
    [
      'old, and its fix is of yesterday, under a rule about fixes',
      {
        findings: [finding({ published: '2026-01-01T00:00:00Z', fixedSince: yesterday })],
        policy: graced(', fixAvailable: true'),
      },
      'warn',
      '2026-06-07T12:00:00.000Z',
    ],
    [
      'old, and its fix is of yesterday, under a rule that asks for none',
      { findings: [finding({ published: '2026-01-01T00:00:00Z', fixedSince: yesterday })] },
      'fail',
      null,
    ],
  ];
  it.each(rows)('%s', (_what, given, status, until) => {
    const verdict = verdictOn({
      policy: `${graced()}\nrequire: { advisories: { action: ignore } }`,
      ...given,
    });
    expect([verdict.status, verdict.rules[0]?.graceUntil]).toEqual([status, until]);
    if (until === null) return;
    expect(verdict.reasons[0]).toContain(`Rule (denies from ${until})`);
    expect(verdict.blockers.list).toEqual([]);
    expect([verdict.validUntil, verdict.next]).toEqual([until, { at: until, status: 'fail' }]);
    expect(verdictOn({ policy: graced(), ...given, at: Date.parse(until) }).status).toBe('fail');
  });
});

describe('what is foretold', () => {
  it.each<[string, string, Given, string]>([
    ['an age', 'image: { olderThan: 152d }', { inventory: { facts } }, '2026-06-02T00:00:00.000Z'],
    [
      'the end of support',
      'image: { endOfLife: { within: 30d } }',
      { endOfLife: '2026-07-03' },
      '2026-06-03T00:00:00.000Z',
    ],
    ['an old scan', 'image: { scanOlderThan: 2d }', {}, '2026-06-02T12:00:00.000Z'],
    [
      'an old fix',
      'when: { fixAvailableFor: 30d }',
      { findings: [finding({ fixedSince: '2026-05-03T00:00:00Z' })] },
      '2026-06-02T00:00:00.000Z',
    ],
    [
      'the second of two findings',
      'count: { atLeast: 2 }, when: { publishedFor: 10d }',
      {
        findings: [
          critical({ published: '2026-05-24T00:00:00Z' }),
          critical({ published: '2026-05-23T00:00:00Z' }),
        ],
      },
      '2026-06-03T00:00:00.000Z',
    ],
  ])('%s', (_what, subject, given, at) => {
    expect(verdictOn({ ...given, policy: rule(subject) })).toMatchObject({
      status: 'pass',
      validUntil: at,
      next: { at, status: 'fail' },
    });
  });

  it('nothing past midnight where an expression asks for the day', () => {
    const policy = rule('when: { expression: \'now > timestamp("2026-06-02T00:00:00Z")\' }, grace: 9d');
    const verdict = verdictOn({ findings: [critical({ published: '2026-05-31T00:00:00Z' })], policy });
    expect([verdict.validUntil, verdict.next]).toEqual(['2026-06-02T00:00:00.000Z', null]);
  });
});

describe('exceptions', () => {
  it.each([
    ['everywhere', '', 'pass'],
    ['for this policy', ', scope: { policies: [test] }', 'pass'],
    ['for this policy and another', ', scope: { policies: [strict, test] }', 'pass'],
    ['for a namespace, which a gate has to know', ', scope: { namespaces: [shop] }', 'fail'],
    ['for a gate', ', scope: { gates: [ci] }', 'fail'],
  ])('%s', (_what, scope, status) => {
    const exceptions = [`advisory: CVE-2024-1, expires: 2026-07-01, ticket: SEC-1${scope}`];
    const verdict = verdictOn({ findings: [critical()], policy: rule('when: { any: true }'), exceptions });
    expect(verdict.status).toBe(status);
    expect(verdict.suppressed.map(({ ticket }) => ticket)).toEqual(status === 'pass' ? ['SEC-1'] : []);
    const finding = {
      id: 'DEBIAN-CVE-2024-1',
      aliases: ['CVE-2024-1'],
      package: 'libssl3',
      source: 'openssl',
    };
    expect(verdict.blockers).toEqual({
      complete: true,
      list: status === 'pass' ? [] : [{ rule: 'r', finding }],
    });
  });

  it('blockers are bounded, and say so', () => {
    const findings = Array.from({ length: 300 }, (_, index) => critical({ id: `CVE-${index}`, aliases: [] }));
    const { blockers } = verdictOn({ findings, policy: rule('when: { any: true }') });
    expect([blockers.complete, blockers.list.length]).toEqual([false, 200]);
  });
});
