import { describe, expect, it } from '@jest/globals';
import { type GateName, gateNames } from '../../core/context.ts';
import { explainClearance } from '../../core/denial.ts';
import { parseDigest } from '../../core/digest.ts';
import { forGates } from '../../core/for-gates.ts';
import { severities } from '../../core/severity.ts';
import type { FinalStatus, Verdict } from '../../core/verdict.ts';
import { Random } from '../../test/support/random.ts';
import { ruled } from '../clearance/clearances.ts';
import { makeRulebook } from './rule.ts';
import { asker, granted, nginx, now, said, setFrom } from './samples.ts';

const set = setFrom(
  `version: 1
name: all
bindings:
  - id: warned
    namespaces: [web]
    policy: strict
    mode: warn
    context:
      - { id: fails, action: deny, when: { status: [fail] } }
  - id: rest
    policy: strict
    context:
      - { id: many, action: deny, when: { counts: { high: 3 }, fixableAtLeast: 2 } }
      - { id: rule, action: deny, when: { rules: [malware] } }
      - { id: warns, action: warn, when: { status: [warn] } }
`,
);
const book = makeRulebook(set, [
  granted({ advisory: 'CVE-2026-1', scope: { ...granted().scope, namespaces: ['shop'] } }),
]);
const statuses: readonly FinalStatus[] = ['pass', 'warn', 'fail', 'error'];
const hour = 3_600_000;
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
if (digest === null) throw new Error('no digest');

function someVerdict(random: Random): Verdict {
  const status = statuses[random.below(statuses.length)] ?? 'pass';
  const time = (): string => new Date(now + (random.below(5) - 2) * hour).toISOString();
  const rules = ['malware', 'rights']
    .filter(() => random.chance(0.5))
    .map((id) => ({
      ...({ id, action: random.chance(0.5) ? 'deny' : 'warn' } as const),
      ...{ title: id, why: `why ${id}`, remedy: random.chance(0.5) ? `do ${id}` : null },
      ...{ controls: ['cis-1'], graceUntil: null, findings: random.below(4) },
    }));
  const list = Array.from({ length: random.below(4) }, () => ({
    rule: random.chance(0.5) ? 'malware' : 'rights',
    finding: random.chance(0.8)
      ? { id: `CVE-2026-${random.below(2) + 1}`, aliases: [], package: 'openssl', source: 'openssl' }
      : null,
  }));
  return {
    ...said(status),
    policy: 'strict',
    rules,
    reasons: Array.from({ length: random.below(80) }, (_, index) => `reason ${index}`),
    summary: {
      counts: Object.fromEntries(
        severities.map((one) => [one, random.below(5)]),
      ) as Verdict['summary']['counts'],
      fixable: random.below(4),
      worst: Array.from({ length: random.below(10) }, (_, index) => ({
        ...{ id: `CVE-2026-${index}`, aliases: [], package: 'openssl', version: '1' },
        ...({ severity: 'high', fixedVersion: '2', kev: false, status: 'fixed' } as const),
      })),
    },
    suppressed: [],
    blockers: { complete: random.chance(0.8), list },
    validUntil: random.chance(0.5) ? time() : null,
    next: random.chance(0.3)
      ? { at: time(), status: statuses[random.below(statuses.length)] ?? 'fail' }
      : null,
  };
}

describe('a verdict as gates that run on their own have it', () => {
  it('is ruled, and told, as the whole one is', () => {
    const random = new Random(37);
    const seen = new Set<string>();
    for (let turn = 0; turn < 4000; turn += 1) {
      const whole = someVerdict(random);
      const gate: GateName = gateNames[random.below(gateNames.length)] ?? 'admission';
      const who = asker({ gate, namespace: ['web', 'shop', 'other'][random.below(3)] ?? null });
      const selection = book.select(who, nginx);
      if (selection.kind !== 'bound') throw new Error('nothing holds');
      const images = random.chance(0.9) ? ['docker.io/library/nginx'] : null;
      for (const bound of selection.bounds) {
        const [one, other] = [whole, forGates(whole)].map((verdict) => {
          const ruling = book.rule(bound, verdict, who, images, now);
          const standing = { digest, platform: null, verdict, failure: null };
          return { ruling, told: explainClearance(ruled(standing, bound, ruling), 1000) };
        });
        expect(other).toEqual(one);
        seen.add(`${one?.ruling.status} ${one?.ruling.allowed}`);
      }
    }
    // Otherwise nothing was compared.
    expect(seen.size).toBeGreaterThan(5);
  });

  it('is the same made twice, and shorter', () => {
    const whole = someVerdict(new Random(1));
    expect(forGates(forGates(whole))).toEqual(forGates(whole));
    expect(JSON.stringify(forGates(whole)).length).toBeLessThan(JSON.stringify(whole).length);
  });
});
