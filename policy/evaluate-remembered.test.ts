import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../core/finding.ts';
import { viewOf } from '../core/inventory.ts';
import { neverCatches } from './cross-checks-never.ts';
import { sameExceptions, sameRules } from './cross-checks-twice.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { parsePolicy } from './parse.ts';
import type { Policy } from './policy.ts';
import { day, debian, finding, inventory, now } from './samples.ts';
import { evaluateAnew } from './samples-reference.ts';

const policyOf = (rules: readonly object[], exceptions: readonly object[] = []): Policy =>
  parsePolicy(JSON.stringify({ version: 1, name: 'p', rules, exceptions }), 'p.yaml');

const evaluationOf = (policy: Policy, findings: readonly Finding[], at = now): Evaluation => ({
  policy,
  inventory: viewOf(inventory),
  match: {
    findings,
    coverage: [debian],
    advisories: { revision: 'r1', updatedAt: debian.updatedAt },
    endOfLife: '2026-06-10',
  },
  image: ['docker.io/library/x'],
  scanner: 's',
  scannedAt: '2026-05-31T12:00:00Z',
  at,
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const threshold = (values: readonly number[]) =>
  maybe(fc.record({ atLeast: fc.constantFrom(...values), unknown: fc.boolean() }));
const times = ['2026-05-01T00:00:00Z', '2026-05-28T06:00:00Z', '2026-06-02T00:00:00Z', null] as const;
const ids = ['CVE-1', 'CVE-2', 'CVE-3', 'GHSA-1'] as const;
const kind = fc.constantFrom('vulnerability', 'malware', 'bugfix');
const severity = fc.constantFrom('critical', 'high', 'medium', 'low', 'negligible', 'unknown');
const status = fc.constantFrom('affected', 'fixed', 'will_not_fix', 'under_investigation', 'undetermined');
const ecosystem = fc.constantFrom('deb', 'npm');
const name = fc.constantFrom('libssl3', 'openssl', 'zlib', 'bash');
const expression = fc.constantFrom(
  'finding.epss > 0.3',
  'has(finding.epss) && finding.epss > 0.3',
  'finding.knownExploited || finding.cvss >= 7.0',
  'finding.aliases.exists(a, a == "CVE-2")',
  'finding.published < now - duration("96h")',
  'has(image.user) && finding.package == "zlib"',
  'os.id == "debian" && finding.fixAvailable',
  'finding.summary.matches("^os")',
);

const findings = fc.array(
  fc
    .record({
      id: fc.constantFrom('DSA-1', 'MAL-1', ...ids),
      aliases: fc.subarray([...ids]),
      kind,
      severity,
      status,
      packageType: ecosystem,
      package: name,
      source: name,
      version: fc.constantFrom('1', '2\n'),
      cvss: fc.constantFrom(null, { vector: 'v', score: 9 }, { vector: 'v', score: 5 }),
      epss: fc.constantFrom(null, 0.1, 0.9),
      kev: fc.constantFrom(true, false, null),
      fixedVersion: fc.constantFrom('3', null),
      published: fc.constantFrom(...times),
      fixedSince: fc.constantFrom(...times),
    })
    .map((fields) => finding(fields)),
  { maxLength: 12 },
);

const when = fc
  .record({
    severity: maybe(fc.record({ atLeast: fc.constantFrom('critical', 'medium'), unknown: fc.boolean() })),
    cvss: threshold([4, 9]),
    epss: threshold([0.3]),
    fixAvailable: maybe(fc.boolean()),
    fixAvailableFor: maybe(fc.constantFrom('2d', '30d')),
    publishedFor: maybe(fc.constantFrom('5d', '40d')),
    knownExploited: maybe(fc.constant(true)),
    kind: maybe(fc.uniqueArray(kind, { minLength: 1 })),
    status: maybe(fc.uniqueArray(status, { minLength: 1 })),
    package: maybe(fc.uniqueArray(name, { minLength: 1 })),
    ecosystem: maybe(fc.uniqueArray(ecosystem, { minLength: 1 })),
    expression: maybe(expression),
  })
  // Few keys at a time, or nothing would be caught.
  .chain((all) => {
    const keys = Object.entries(all).filter(([, value]) => value !== undefined);
    return fc.subarray(keys, { maxLength: Math.min(3, keys.length) }).map((some) => Object.fromEntries(some));
  })
  .map((some) => (Object.keys(some).length === 0 ? { any: true } : some))
  .filter((some) => neverCatches(some, []).length === 0);

/** Without what the file would be refused for. */
const allBut = <T>(values: readonly T[], problems: readonly { readonly path: readonly unknown[] }[]) =>
  values.filter((_, index) => !problems.some(({ path }) => path[1] === index));

const rules = fc
  .array(
    fc.record({
      action: fc.constantFrom('deny', 'deny', 'warn', 'info'),
      when,
      count: maybe(fc.record({ atLeast: fc.constantFrom(2, 4) })),
      grace: maybe(fc.constantFrom('3d', '90d', { period: '10d', knownExploited: '3d' })),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) =>
    list.map(({ grace, action, ...rule }, index) => {
      const head = { id: `r${index}`, title: `Rule ${index}` };
      // What the schema refuses: a bug fix is no reason to deny, and only what denies has grace.
      const denies = action === 'deny' && !JSON.stringify(rule).includes('bugfix');
      return {
        ...head,
        ...rule,
        ...(denies ? { action, grace } : { action: action === 'info' ? action : 'warn' }),
      };
    }),
  )
  .map((list) => allBut(list, sameRules(list)));

const exceptions = fc
  .array(
    fc.record({
      advisory: fc.constantFrom('DSA-1', ...ids),
      reason: fc.constant('not called'),
      author: fc.constant('ada'),
      expires: fc.integer({ min: -3, max: 12 }).map((days) => new Date(now + days * day).toISOString()),
      package: maybe(name),
    }),
    { maxLength: 3 },
  )
  .map((list) => allBut(list, sameExceptions(list)));

describe('what is remembered of findings', () => {
  it('never shows: images that share findings, at any times, under any policies, are judged as if each was the first', () => {
    const image = fc.record({
      picks: fc.array(fc.nat(), { maxLength: 14 }),
      at: fc.integer({ min: -10, max: 60 }),
    });
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        findings,
        fc.array(fc.tuple(rules, exceptions), { minLength: 1, maxLength: 2 }),
        fc.array(image, { minLength: 1, maxLength: 4 }),
        (pool, given, images) => {
          const policies = given.map(([some, except]) => policyOf(some, except));
          for (const { picks, at } of [...images, ...images]) {
            const some = picks.flatMap((pick) => pool[pick % Math.max(1, pool.length)] ?? []);
            for (const policy of policies) {
              const evaluation = evaluationOf(policy, some, now + (at * day) / 4);
              const expected = evaluateAnew(evaluation);
              seen.add(expected.status);
              expect(evaluate(evaluation)).toEqual(expected);
              const copies = some.map((one) => ({ ...one }));
              expect(evaluate(evaluationOf(policy, copies, evaluation.at))).toEqual(expected);
              const cloned = { ...evaluation, policy: structuredClone(policy) };
              expect(evaluate(cloned)).toEqual(expected);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual(['error', 'fail', 'pass', 'warn']);
  });

  it('expressions cost an image the same, whatever was judged before it', () => {
    const aliases = Array.from({ length: 90 }, (_, index) => `GHSA-${index}`);
    const many = Array.from({ length: 120 }, (_, index) => finding({ id: `CVE-${index}`, aliases }));
    const costly = 'finding.aliases.exists(a, finding.aliases.exists(b, a == b + "x"))';
    const policy = policyOf([
      { id: 'costly', action: 'deny', when: { expression: costly } },
      { id: 'after', action: 'deny', when: { expression: 'has(finding.epss)' } },
    ]);
    // By themselves they fit; together they do not.
    const halves = [many.slice(0, 20), many.slice(20, 40)];
    const verdicts = halves.map((half) => evaluate(evaluationOf(policy, half)));
    expect(verdicts.map(({ status }) => status)).toEqual(['pass', 'pass']);
    const whole = evaluationOf(policy, many);
    const expected = evaluateAnew(whole);
    expect(expected.reasons.join()).toContain('4000000 steps');
    for (let turn = 0; turn < 2; turn += 1) expect(evaluate(whole)).toEqual(expected);
    for (const half of halves) expect(evaluate(evaluationOf(policy, half)).status).toBe('pass');
  });
});
