import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Coverage, Finding } from '../core/finding.ts';
import type { Inventory, Package } from '../core/inventory.ts';
import { type FinalStatus, type VerdictStatus, worstStatus } from '../core/verdict.ts';
import { evaluate, statusAt } from './evaluate.ts';
import { parsePolicy } from './parse.ts';
import { baselineText } from './ready/baseline.ts';

const now = Date.parse('2026-06-01T12:00:00Z');
const day = 86_400_000;

function finding(fields: Partial<Finding> = {}): Finding {
  return {
    id: 'DEBIAN-CVE-2024-1',
    kind: 'vulnerability',
    aliases: ['CVE-2024-1'],
    package: 'libssl3',
    packageType: 'deb',
    version: '3.0.1-1',
    purl: 'pkg:deb/debian/libssl3@3.0.1-1',
    severity: 'critical',
    cvss: null,
    status: 'fixed',
    fixedVersion: '3.0.2-1',
    kev: false,
    epss: null,
    url: 'https://example.org/CVE-2024-1',
    summary: '',
    ...fields,
  };
}

const libssl: Package = {
  type: 'deb',
  name: 'libssl3',
  version: '3.0.1-1',
  arch: 'amd64',
  source: { name: 'openssl', version: '3.0.1-1' },
  purl: 'pkg:deb/debian/libssl3@3.0.1-1',
  layer: null,
  paths: [],
  licenses: [],
};
const debian: Coverage = {
  ecosystem: 'Debian:12',
  release: '12',
  feed: 'osv:Debian',
  updatedAt: '2026-05-31T12:00:00Z',
  covered: true,
  packages: 1,
};

interface Given {
  readonly findings?: readonly Finding[];
  readonly inventory?: Partial<Inventory>;
  readonly coverage?: readonly Coverage[];
  readonly advisoriesAt?: string | null;
  /** Lines of the policy that stand in place of the baseline's. */
  readonly policy?: string;
  readonly exceptions?: readonly string[];
  readonly image?: readonly string[];
  readonly at?: number;
}

function policyText(given: Given): string {
  const text = given.policy === undefined ? baselineText : `version: 1\nname: test\n${given.policy}`;
  const exceptions = (given.exceptions ?? []).map(
    (one) => `  - { reason: "not called", author: ada, ${one} }\n`,
  );
  if (exceptions.length === 0) return text;
  return `${text.replace('exceptions: []', '')}\nexceptions:\n${exceptions.join('')}`;
}

function verdictOn(given: Given) {
  return evaluate({
    policy: parsePolicy(policyText(given), 'p.yaml'),
    inventory: {
      os: { id: 'debian', versionId: '12', name: 'Debian' },
      platform: null,
      packages: [libssl],
      incomplete: [],
      unfit: [],
      analyzers: 'a1',
      content: 'image',
      ...given.inventory,
    },
    match: {
      findings: given.findings ?? [],
      coverage: given.coverage ?? [debian],
      advisories: {
        revision: 'r1',
        updatedAt: given.advisoriesAt === undefined ? debian.updatedAt : given.advisoriesAt,
      },
    },
    image: given.image ?? ['docker.io/library/x'],
    scanner: 'pratique 1',
    at: given.at ?? now,
  });
}

const only = (when: string, action = 'deny') =>
  `rules: [{ id: r, title: Rule, action: ${action}, when: ${when} }]`;
const old = { ...debian, updatedAt: '2026-05-01T00:00:00Z' };
const alpine = {
  ...debian,
  ecosystem: 'Alpine:v3.19',
  covered: false,
  updatedAt: null,
  feed: null,
  packages: 15,
};

describe('a verdict', () => {
  const rows: readonly [what: string, given: Given, status: FinalStatus, reason: string | null][] = [
    ['nothing found', {}, 'pass', null],
    [
      'critical with a fix',
      { findings: [finding()] },
      'fail',
      'CVE-2024-1 critical in libssl3 3.0.1-1 (fixed in 3.0.2-1): Critical, and a fix exists',
    ],
    [
      'critical without a fix',
      { findings: [finding({ fixedVersion: null, status: 'affected' })] },
      'pass',
      null,
    ],
    ['high with a fix', { findings: [finding({ severity: 'high' })] }, 'warn', 'CVE-2024-1 high in libssl3'],
    ['of unknown severity, with a fix', { findings: [finding({ severity: 'unknown' })] }, 'pass', null],
    [
      'of unknown severity, where the rule takes it',
      {
        findings: [finding({ severity: 'unknown' })],
        policy: only('{ severity: { atLeast: critical, unknown: true } }'),
      },
      'fail',
      'CVE-2024-1 of unknown severity in libssl3',
    ],
    [
      'undetermined',
      { findings: [finding({ status: 'undetermined' })] },
      'fail',
      'versions could not be compared',
    ],
    [
      'known to be exploited, low, no fix',
      { findings: [finding({ kev: true, severity: 'low', fixedVersion: null })] },
      'fail',
      '(no fix): Known to be exploited',
    ],
    [
      'no catalogue, a finding that only it could deny',
      { findings: [finding({ kev: null, severity: 'low' })] },
      'error',
      'whether known-exploited denies 1 finding (CVE-2024-1) cannot be told: no known-exploited catalogue was imported; import one with "pratique advisories update"',
    ],
    ['no catalogue, and no finding', {}, 'pass', null],
    ['no catalogue, denied anyway', { findings: [finding({ kev: null })] }, 'fail', 'CVE-2024-1 critical'],
    [
      'no catalogue, and the rule only warns',
      { findings: [finding({ kev: null })], policy: only('{ knownExploited: true }', 'warn') },
      'warn',
      'Rule',
    ],
    [
      'no catalogue, and the rule is about other packages',
      { findings: [finding({ kev: null })], policy: only('{ knownExploited: true, package: [zlib] }') },
      'pass',
      null,
    ],
    [
      'malware',
      {
        findings: [
          finding({ id: 'MAL-1', aliases: [], kind: 'malware', severity: 'unknown', fixedVersion: null }),
        ],
      },
      'fail',
      'MAL-1 malware in libssl3 3.0.1-1 (no fix): Malicious package',
    ],
    ['a bug fix, however critical', { findings: [finding({ kind: 'bugfix', kev: true })] }, 'pass', null],
    [
      'a bug fix is not every finding',
      { findings: [finding({ kind: 'bugfix' })], policy: only('{ any: true }') },
      'pass',
      null,
    ],
    [
      'a bug fix named by a warning',
      { findings: [finding({ kind: 'bugfix' })], policy: only('{ kind: [bugfix] }', 'warn') },
      'warn',
      'Rule',
    ],
    [
      'any finding',
      { findings: [finding({ severity: 'negligible', fixedVersion: null })], policy: only('{ any: true }') },
      'fail',
      'Rule',
    ],
    [
      'no fix yet',
      { findings: [finding({ fixedVersion: null })], policy: only('{ fixAvailable: false }') },
      'fail',
      'Rule',
    ],
    [
      'a rule by the source package',
      { findings: [finding()], policy: only('{ package: [openssl] }') },
      'fail',
      'Rule',
    ],
    [
      'a rule for another ecosystem',
      { findings: [finding()], policy: only('{ ecosystem: [npm] }') },
      'pass',
      null,
    ],
    [
      'not covered',
      { coverage: [debian, alpine] },
      'error',
      'no advisories cover Alpine:v3.19 (15 packages): what is not covered is not clean',
    ],
    [
      'not covered, and warned of',
      { coverage: [alpine], policy: 'rules: []\nrequire: { coverage: warn }' },
      'warn',
      'no advisories cover',
    ],
    [
      'nothing says what is covered',
      { coverage: [] },
      'error',
      'nothing says that advisories cover its 1 package',
    ],
    [
      'not covered, and critical',
      { coverage: [alpine], findings: [finding()] },
      'fail',
      'CVE-2024-1 critical',
    ],
    [
      'unreadable',
      { inventory: { incomplete: [{ what: 'layer 2', why: 'it is cut off' }] } },
      'error',
      'layer 2 could not be read: it is cut off',
    ],
    ['no operating system', { inventory: { os: null } }, 'error', 'no os-release was found'],
    ['no packages', { inventory: { packages: [] } }, 'error', 'no package was recognised'],
    [
      'nothing known, and all of it ignored by name',
      {
        inventory: { packages: [], os: null },
        coverage: [],
        advisoriesAt: null,
        policy: 'rules: []\nrequire: { packages: ignore, recognisedOs: ignore }',
      },
      'pass',
      null,
    ],
    [
      'old advisories',
      { coverage: [old] },
      'error',
      'the oldest advisories are of 2026-05-01T00:00:00.000Z, and may be 7d old at most',
    ],
    [
      'one old feed of two',
      { coverage: [debian, { ...old, ecosystem: 'npm' }] },
      'error',
      'the oldest advisories',
    ],
    [
      'old advisories outside the coverage (the catalogue)',
      { advisoriesAt: '2026-05-01T00:00:00Z' },
      'error',
      'the oldest advisories',
    ],
    [
      'old advisories, ignored',
      {
        coverage: [old],
        advisoriesAt: null,
        policy: 'rules: []\nrequire: { advisories: { action: ignore } }',
      },
      'pass',
      null,
    ],
    [
      'advisories of no known age',
      { coverage: [{ ...debian, updatedAt: null }] },
      'error',
      'how old the advisories are is not known',
    ],
    [
      'advisories of no readable age',
      { coverage: [{ ...debian, updatedAt: 'yesterday' }] },
      'error',
      'how old the advisories are is not known',
    ],
    [
      'an artifact',
      { inventory: { content: 'artifact', os: null, packages: [] }, coverage: [] },
      'fail',
      'this is no container image',
    ],
    [
      'an artifact that is allowed',
      {
        inventory: { content: 'artifact', os: null, packages: [] },
        coverage: [],
        policy: 'rules: []\nartifacts: allow',
      },
      'pass',
      null,
    ],
    [
      'an allowed artifact that could not be read',
      {
        inventory: { content: 'artifact', os: null, packages: [], incomplete: [{ what: 'x', why: 'y' }] },
        coverage: [],
        policy: 'rules: []\nartifacts: allow',
      },
      'error',
      'x could not be read',
    ],
    [
      'unfit to be judged, whatever the policy ignores',
      {
        inventory: { unfit: ['layer 1 is not what its diff_id says'] },
        policy: 'rules: []\nrequire: { completeInventory: ignore }',
      },
      'error',
      'layer 1 is not what its diff_id says',
    ],
    [
      'an allowed artifact that is unfit to be judged',
      { inventory: { content: 'artifact', unfit: ['x'] }, policy: 'rules: []\nartifacts: allow' },
      'error',
      'x',
    ],
  ];
  it.each(rows)('%s', (_what, given, status, reason) => {
    const verdict = verdictOn(given);
    expect(verdict.status).toBe(status);
    expect(verdict.reasons[0] ?? null).toEqual(reason === null ? null : expect.stringContaining(reason));
  });

  const exceptionRows: readonly [what: string, given: Given, status: FinalStatus][] = [
    ['by alias', { exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'] }, 'pass'],
    ['by the record', { exceptions: ['advisory: DEBIAN-CVE-2024-1, expires: 2026-06-30'] }, 'pass'],
    ['of another advisory', { exceptions: ['advisory: CVE-2024-2, expires: 2026-06-30'] }, 'fail'],
    ['on its last day', { exceptions: ['advisory: CVE-2024-1, expires: 2026-06-01'] }, 'pass'],
    ['that is over', { exceptions: ['advisory: CVE-2024-1, expires: 2026-05-31'] }, 'fail'],
    [
      'for the source package',
      { exceptions: ['advisory: CVE-2024-1, package: openssl, expires: 2026-06-30'] },
      'pass',
    ],
    [
      'for another package',
      { exceptions: ['advisory: CVE-2024-1, package: zlib, expires: 2026-06-30'] },
      'fail',
    ],
    [
      'for this image',
      { exceptions: ['advisory: CVE-2024-1, image: docker.io/library/*, expires: 2026-06-30'] },
      'pass',
    ],
    [
      'for another image',
      { exceptions: ['advisory: CVE-2024-1, image: docker.io/other/*, expires: 2026-06-30'] },
      'fail',
    ],
    [
      'for one of two names of the image',
      {
        image: ['docker.io/library/x', 'reg.corp/x'],
        exceptions: ['advisory: CVE-2024-1, image: docker.io/**, expires: 2026-06-30'],
      },
      'fail',
    ],
    [
      'for an image, where no name is known',
      { image: [], exceptions: ['advisory: CVE-2024-1, image: "**/*", expires: 2026-06-30'] },
      'fail',
    ],
    [
      'of one CVE of a bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'],
      },
      'fail',
    ],
    [
      'of every CVE of a bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: [
          'advisory: CVE-2024-1, expires: 2026-06-30',
          'advisory: CVE-2024-2, expires: 2026-06-30',
        ],
      },
      'pass',
    ],
    [
      'of the bundle',
      {
        findings: [finding({ id: 'DSA-1', aliases: ['CVE-2024-1', 'CVE-2024-2'] })],
        exceptions: ['advisory: DSA-1, expires: 2026-06-30'],
      },
      'pass',
    ],
  ];
  it.each(exceptionRows)('with an exception %s', (_what, given, status) => {
    expect(verdictOn({ findings: [finding()], ...given }).status).toBe(status);
  });

  it('shows what an exception lets through, and counts it no more', () => {
    const verdict = verdictOn({
      findings: [finding()],
      exceptions: ['advisory: CVE-2024-1, expires: 2026-06-30'],
    });
    expect(verdict.suppressed).toEqual([
      { id: 'DEBIAN-CVE-2024-1', package: 'libssl3', by: 'ada', reason: 'not called', expires: '2026-06-30' },
    ]);
    expect(verdict.summary).toMatchObject({ counts: { critical: 0 }, fixable: 0, worst: [] });
  });

  it('says that an exception is over', () => {
    const verdict = verdictOn({
      findings: [finding()],
      exceptions: ['advisory: CVE-2024-1, expires: 2026-05-31'],
    });
    expect(verdict.reasons[1]).toBe('the exception of CVE-2024-1 by ada ended on 2026-05-31');
  });

  it('tells which rules decided, with their remedies and counts', () => {
    const verdict = verdictOn({
      findings: [finding(), finding({ package: 'openssl', kev: true }), finding({ severity: 'high' })],
    });
    expect(verdict.rules.map(({ id, action, findings }) => [id, action, findings])).toEqual([
      ['known-exploited', 'deny', 1],
      ['critical-with-fix', 'deny', 2],
      ['high-with-fix', 'warn', 3],
    ]);
    expect(verdict.rules[1]?.remedy).toBe('Update the package to the fixed version.');
    expect(verdict.reasons.map((reason) => reason.split(' ')[3])).toEqual(['openssl', 'libssl3', 'libssl3']);
  });

  it('puts findings that deny before worse ones that do not', () => {
    const lenient = finding({ id: 'CVE-A', aliases: [], severity: 'critical', fixedVersion: null });
    const denied = finding({ id: 'CVE-B', aliases: [], severity: 'low', kev: true });
    expect(verdictOn({ findings: [lenient, denied] }).summary.worst.map((one) => one.id)).toEqual([
      'CVE-B',
      'CVE-A',
    ]);
  });

  it('is bounded, and says what it leaves out', () => {
    const findings = Array.from({ length: 3000 }, (_, i) =>
      finding({ id: `CVE-${i}`, aliases: [], package: 'x'.repeat(5000) }),
    );
    const verdict = verdictOn({ findings });
    expect(verdict.summary.counts.critical).toBe(3000);
    expect(verdict.summary.worst).toHaveLength(10);
    expect(verdict.reasons).toHaveLength(51);
    expect(verdict.reasons.at(-1)).toBe('and 2950 more');
    expect(Math.max(...verdict.reasons.map((reason) => reason.length))).toBeLessThanOrEqual(600);
  });

  it('lets no image write into the terminal', () => {
    const verdict = verdictOn({ findings: [finding({ package: 'a\u001b[2J\nb\u202e' })] });
    expect(verdict.reasons[0]).toContain('in a?[2J?b? 3.0.1-1');
  });
});

describe('time', () => {
  const expiring = ['advisory: CVE-2024-1, expires: 2026-06-03'];
  const rows: readonly [
    what: string,
    given: Given,
    validUntil: string | null,
    next: [string, FinalStatus] | null,
  ][] = [
    ['advisories get too old', {}, '2026-06-07T12:00:00.000Z', ['2026-06-07T12:00:00.000Z', 'error']],
    [
      'an exception ends first',
      { findings: [finding()], exceptions: expiring },
      '2026-06-04T00:00:00.000Z',
      ['2026-06-04T00:00:00.000Z', 'fail'],
    ],
    [
      'an exception that changes no status ends first',
      { findings: [finding({ severity: 'low' })], exceptions: expiring },
      '2026-06-04T00:00:00.000Z',
      ['2026-06-07T12:00:00.000Z', 'error'],
    ],
    [
      'an exception of nothing',
      { exceptions: expiring },
      '2026-06-07T12:00:00.000Z',
      ['2026-06-07T12:00:00.000Z', 'error'],
    ],
    [
      'a longer exception of the same',
      { findings: [finding()], exceptions: [...expiring, 'advisory: CVE-2024-1, expires: 2026-06-05'] },
      '2026-06-06T00:00:00.000Z',
      ['2026-06-06T00:00:00.000Z', 'fail'],
    ],
    ['failing already', { findings: [finding()] }, '2026-06-07T12:00:00.000Z', null],
    ['too old already', { coverage: [old] }, null, null],
    ['no age asked for', { policy: 'rules: []\nrequire: { advisories: { action: ignore } }' }, null, null],
  ];
  it.each(rows)('%s', (_what, given, validUntil, next) => {
    const verdict = verdictOn(given);
    expect([verdict.validUntil, verdict.next]).toEqual([
      validUntil,
      next === null ? null : { at: next[0], status: next[1] },
    ]);
  });

  const [t1, t2] = ['2026-06-02T00:00:00.000Z', '2026-06-03T00:00:00.000Z'];
  const held: readonly [string, Parameters<typeof statusAt>[0], string, VerdictStatus][] = [
    ['nothing will change', { status: 'pass', validUntil: null, next: null }, t2, 'pass'],
    [
      'before anything changes',
      { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } },
      '2026-06-01T23:59:59.999Z',
      'pass',
    ],
    [
      'words changed, status not yet',
      { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } },
      t1,
      'pass',
    ],
    ['from the change on', { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } }, t2, 'fail'],
    [
      'changed to what may change again',
      { status: 'pass', validUntil: t1, next: { at: t1, status: 'warn' } },
      t1,
      'pending',
    ],
    ['past what is known', { status: 'pass', validUntil: t1, next: null }, t1, 'pending'],
    ['a time nobody can read', { status: 'pass', validUntil: 'soon', next: null }, t1, 'pending'],
    [
      'a change nobody can read',
      { status: 'pass', validUntil: t1, next: { at: 'soon', status: 'fail' } },
      t1,
      'pending',
    ],
  ];
  it.each(held)('a holder of the verdict: %s', (_what, verdict, at, status) => {
    expect(statusAt(verdict, Date.parse(at))).toBe(status);
  });
});

describe('whatever the findings and exceptions are', () => {
  const ids = ['CVE-1', 'CVE-2', 'CVE-3'] as const;
  const findings = fc.array(
    fc
      .record({
        id: fc.constantFrom('DSA-1', 'MAL-1', ...ids),
        aliases: fc.subarray([...ids]),
        kind: fc.constantFrom('vulnerability', 'malware', 'bugfix'),
        severity: fc.constantFrom('critical', 'high', 'low', 'unknown'),
        fixedVersion: fc.constantFrom('2', null),
        kev: fc.constantFrom(true, false, null),
        package: fc.constantFrom('libssl3', 'zlib'),
      })
      .map((fields) => finding(fields)),
    { maxLength: 5 },
  );
  const exception = fc
    .record({
      advisory: fc.constantFrom('DSA-1', ...ids),
      days: fc.integer({ min: -3, max: 12 }),
      zlib: fc.boolean(),
    })
    .map(({ advisory, days, zlib }) => {
      const expires = new Date(now + days * day).toISOString();
      return `advisory: ${advisory}, expires: "${expires}"${zlib ? ', package: zlib' : ''}`;
    });
  const exceptions = fc.array(exception, { maxLength: 5 });
  const policy = fc.constantFrom(
    `${baselineText
      .split('\n')
      .filter((line) => !/^(version|name|exceptions):/.test(line))
      .join('\n')}`,
    `${only('{ severity: { atLeast: high, unknown: true } }')}\nrequire: { advisories: { maxAge: 9d, action: warn } }`,
    `${only('{ any: true }', 'warn')}\nrequire: { advisories: { maxAge: 4d } }`,
  );
  const given = fc.record({ findings, exceptions, policy });

  it('one more exception makes nothing worse', () => {
    fc.assert(
      fc.property(given, exception, (before, more) => {
        const after = verdictOn({ ...before, exceptions: [...before.exceptions, more] }).status;
        expect(worstStatus([verdictOn(before).status, after])).toBe(verdictOn(before).status);
      }),
    );
  });

  it('one more finding makes nothing better', () => {
    fc.assert(
      fc.property(given, findings, (before, more) => {
        const after = verdictOn({ ...before, findings: [...before.findings, ...more] }).status;
        expect(worstStatus([verdictOn(before).status, after])).toBe(after);
      }),
    );
  });

  it('the future is as foretold: before validUntil nothing changes, at it something does, and so with next', () => {
    fc.assert(
      fc.property(given, (case_) => {
        const verdict = verdictOn(case_);
        const content = (at: number) => {
          const { evaluatedAt: _, validUntil: __, next: ___, ...rest } = verdictOn({ ...case_, at });
          return JSON.stringify(rest);
        };
        const valid = verdict.validUntil === null ? Infinity : Date.parse(verdict.validUntil);
        const next = verdict.next === null ? Infinity : Date.parse(verdict.next.at);
        for (let at = now; at < now + 14 * day; at += day / 2) {
          const then = verdictOn({ ...case_, at }).status;
          if (at < valid) expect(content(at)).toBe(content(now));
          if (at < next) expect(then).toBe(verdict.status);
          const said = statusAt(verdict, at);
          // What is said may be stricter than the truth, never more lenient.
          if (said !== 'pending') expect(worstStatus([said, then === 'fail' ? 'error' : then])).toBe(said);
        }
        if (valid < Infinity) {
          expect(content(valid)).not.toBe(content(now));
          expect(content(valid - 1)).toBe(content(now));
        }
        if (verdict.next !== null) {
          expect(verdictOn({ ...case_, at: next }).status).toBe(verdict.next.status);
          expect(verdictOn({ ...case_, at: next - 1 }).status).toBe(verdict.status);
        }
      }),
    );
  });
});
