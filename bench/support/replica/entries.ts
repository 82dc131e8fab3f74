import { createHash } from 'node:crypto';
import type { Digest } from '../../../core/digest.ts';
import type { ReplicaImage } from '../../../core/replica.ts';
import type { Verdict } from '../../../core/verdict.ts';

/** Findings that a verdict tells of, at most (`VerdictSummary`). */
const mostWorst = 10;

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_one, offset) => from + offset);
}

/** Images of 5,000 repositories: each is its own only platform, and has a tag. */
export function imageOf(index: number, digest: Digest = digestOf(index)): ReplicaImage {
  return {
    repository: {
      ...{ upstream: 'corp', namespace: 'registry.corp', path: `team-${index % 200}/app-${index % 5000}` },
    },
    ...{ digest, platforms: [{ platform: null, digest }], unfit: [], tags: [`1.${index}`] },
  };
}

function digestOf(index: number): Digest {
  return `sha256:${createHash('sha256').update(`image ${index}`).digest('hex')}` as Digest;
}

/** By the baseline, as a proxy records it: three of ten are refused, each with words of its own. */
export function verdictOf(index: number, policyRevision: string, at: string): Verdict {
  const isBad = index % 10 < 3;
  const findings = range(0, isBad ? 6 : 3).map((one) => ({
    ...{
      id: `DEBIAN-CVE-2026-${1000 + ((index * 7 + one * 131) % 9000)}`,
      package: `lib${(index + one) % 997}`,
    },
    ...{
      aliases: [`CVE-2026-${1000 + ((index * 7 + one * 131) % 9000)}`],
      source: `src${(index + one) % 499}`,
    },
    version: `1.${index % 40}.${one}-${index % 7}+deb12u${one}`,
  }));
  const until = new Date(Date.parse(at) + 7 * 86_400_000).toISOString();
  return {
    ...{
      status: isBad ? 'fail' : 'pass',
      policy: 'baseline',
      policyRevision,
      advisoriesRevision: 'a1b2c3d4e5f60718',
    },
    scanner:
      'pratique 0.1.0 deb/4 apk/3 rpm/3 npm/5 pypi/4 golang/3 maven/4 gem/2 cargo/2 composer/2 nuget/2',
    rules: isBad
      ? [
          {
            ...{ id: 'critical-with-fix', action: 'deny', title: 'Critical, and a fix exists' },
            why: 'What is known and has a fix is what attackers try first.',
            ...{ remedy: 'Update the package, or build on a newer base image.', controls: ['NIST-SI-2'] },
            ...{ graceUntil: null, findings: findings.length },
          },
        ]
      : [],
    reasons: isBad
      ? findings.map(
          (one) => `${one.aliases[0] ?? ''} critical in ${one.package} ${one.version} (fixed in 9.9)`,
        )
      : [],
    summary: {
      counts: {
        critical: isBad ? 6 : 0,
        high: index % 17,
        medium: index % 41,
        low: index % 90,
        negligible: index % 30,
        unknown: 0,
      },
      fixable: index % 50,
      worst: findings.slice(0, mostWorst).map(({ source: _source, ...one }) => ({
        ...one,
        ...({
          severity: isBad ? 'critical' : 'high',
          fixedVersion: '9.9',
          kev: false,
          status: 'fixed',
        } as const),
      })),
    },
    coverage: [
      { ecosystem: 'Debian:12', release: '12', feed: 'osv', updatedAt: at, covered: true, packages: 90 },
    ],
    suppressed: [],
    blockers: {
      complete: true,
      list: isBad
        ? findings.map(({ version: _version, ...finding }) => ({ rule: 'critical-with-fix', finding }))
        : [],
    },
    ...{ evaluatedAt: at, validUntil: until, next: isBad ? null : { at: until, status: 'error' } },
  };
}
