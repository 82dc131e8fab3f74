import type { FinalStatus } from '../../core/verdict.ts';
import type { MadeUp } from './samples-made-up.ts';

/** Single rules that deny, with images and what follows. docs/policy.md shows this table, and a test runs it. */
export interface RuleDecision {
  /** What stands in the rule beside its id and `action: deny`. */
  readonly rule: string;
  readonly found: string;
  readonly image: MadeUp;
  readonly status: FinalStatus;
  /** Part of the first sentence; null: there is none. */
  readonly says: string | null;
}

const critical = { id: 'CVE-1', severity: 'critical' } as const;

export const ruleDecisions: readonly RuleDecision[] = [
  {
    rule: 'when: { severity: { atLeast: high, unknown: false } }',
    found: 'a finding of unknown severity',
    image: { findings: [{ id: 'CVE-1' }] },
    status: 'pass',
    says: null,
  },
  {
    rule: 'when: { severity: { atLeast: high, unknown: true } }',
    found: 'a finding of unknown severity',
    image: { findings: [{ id: 'CVE-1' }] },
    status: 'fail',
    says: 'CVE-1 of unknown severity in openssl 1 (no fix): rule',
  },
  {
    rule: 'when: { cvss: { atLeast: 9, unknown: true } }',
    found: 'a finding without a score',
    image: { findings: [critical] },
    status: 'fail',
    says: 'CVE-1 critical',
  },
  {
    rule: 'when: { fixAvailableFor: 30d }',
    found: 'a fix, and nobody says since when',
    image: { findings: [{ ...critical, fixedVersion: '2' }] },
    status: 'fail',
    says: 'CVE-1 critical',
  },
  {
    rule: 'when: { any: true }, count: { atLeast: 3 }',
    found: 'two findings',
    image: { findings: [critical, { id: 'CVE-2' }] },
    status: 'pass',
    says: null,
  },
  {
    rule: 'when: { any: true }, grace: 7d',
    found: 'a finding of yesterday',
    image: { findings: [{ ...critical, published: '2026-05-31' }] },
    status: 'warn',
    says: 'rule (denies from 2026-06-07T00:00:00.000Z)',
  },
  {
    rule: 'when: { any: true }, grace: 7d',
    found: 'a finding of yesterday, known to be exploited',
    image: { findings: [{ ...critical, published: '2026-05-31', knownExploited: true }] },
    status: 'fail',
    says: 'CVE-1 critical',
  },
  {
    rule: 'when: { any: true }, grace: 7d',
    found: 'a finding, and nobody says when it was published',
    image: { findings: [critical] },
    status: 'fail',
    says: 'CVE-1 critical',
  },
  {
    rule: 'packages: { licence: ["AGPL-*"] }',
    found: 'a package under AGPL-3.0-only',
    image: { packages: [{ name: 'ghost', version: '5', licences: ['AGPL-3.0-only'] }] },
    status: 'fail',
    says: 'it holds ghost 5: rule',
  },
  {
    rule: 'checks: [runs-as-root]',
    found: 'a config that could not be read',
    image: { image: { facts: null } },
    status: 'error',
    says: 'whether rule denies cannot be told: its config could not be read',
  },
  {
    rule: 'image: { olderThan: 90d }',
    found: 'an image that does not say when it was built',
    image: { image: { created: null } },
    status: 'error',
    says: 'its config does not say when it was built',
  },
  {
    rule: 'image: { label: { name: team, absent: true } }',
    found: 'no labels',
    image: {},
    status: 'fail',
    says: 'it has no label team: rule',
  },
  {
    rule: 'image: { endOfLife: { within: 60d } }',
    found: 'support that ends on 30 June',
    image: { image: { endOfLife: '2026-06-30' } },
    status: 'fail',
    says: "the support of its operating system's release ends on 2026-06-30",
  },
  {
    rule: "when: { expression: 'finding.cvss >= 9.0 && !finding.fixAvailable' }",
    found: 'a finding of 9.8 without a fix',
    image: { findings: [{ ...critical, cvss: 9.8 }] },
    status: 'fail',
    says: 'CVE-1 critical',
  },
  {
    rule: "when: { expression: 'finding.cvss >= 9.0' }",
    found: 'a finding without a score',
    image: { findings: [critical] },
    status: 'error',
    says: 'its expression fails: No such key: cvss',
  },
  {
    rule: "when: { expression: 'has(finding.cvss) && finding.cvss >= 9.0' }",
    found: 'a finding without a score',
    image: { findings: [critical] },
    status: 'pass',
    says: null,
  },
  {
    rule: 'expression: \'packages.exists(p, p.name == "openssh-server") && image.user == "root"\'',
    found: 'openssh-server, in an image that names no user',
    image: { packages: [{ name: 'openssh-server' }] },
    status: 'fail',
    says: 'the image is what the rule describes: rule',
  },
];
