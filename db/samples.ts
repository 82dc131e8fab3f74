import { type Digest, parseDigest } from '../core/digest.ts';
import { everywhere, type GrantedException } from '../core/exception.ts';
import type { Finding, MatchResult } from '../core/finding.ts';
import type { Inventory, Package } from '../core/inventory.ts';
import { type CoverageState, type MatchGround, type PackageMatches, packageClasses } from '../core/match.ts';
import type { JudgedEntry } from '../core/ports/verdicts.ts';
import type { Blocker, Verdict } from '../core/verdict.ts';

/** A digest from a hex digit, or from a number that is written as often as it takes. */
export function digest(seed: string | number): Digest {
  const hex = typeof seed === 'number' ? seed.toString(16) : seed;
  const parsed = parseDigest(`sha256:${hex.padStart(64, typeof seed === 'number' ? '0' : hex)}`);
  if (parsed === null) throw new Error(`${seed} makes no digest`);
  return parsed;
}

export const nginx = { upstream: 'hub', namespace: 'docker.io', path: 'library/nginx' };
export const team = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };

export const manifest = {
  digest: digest('a'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: Buffer.from('{"schemaVersion":2}'),
  blobs: [{ digest: digest('b'), size: 7 }],
};

/** The second of minute `minute`, in the form of all recorded times. */
export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

export const blocker = (id: string, alias?: string): Blocker => ({
  rule: 'severe',
  finding: { id, aliases: alias === undefined ? [] : [alias], package: 'openssl', source: 'openssl' },
});

export function verdict(given: Partial<Verdict> = {}): Verdict {
  return {
    status: 'pass',
    policy: 'baseline',
    policyRevision: 'p1',
    advisoriesRevision: 'a1',
    scanner: 'deb/1',
    rules: [],
    reasons: [],
    summary: {
      counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
      fixable: 0,
      worst: [],
    },
    coverage: [],
    suppressed: [],
    blockers: { complete: true, list: [] },
    evaluatedAt: at(0),
    validUntil: null,
    next: null,
    ...given,
  };
}

export const judged = (
  image: Digest,
  given: Partial<Verdict> = {},
  cause: JudgedEntry['cause'] = 'first',
): JudgedEntry => ({ digest: image, verdict: verdict(given), cause });

export function inventory(given: Partial<Inventory> = {}): Inventory {
  return {
    os: null,
    platform: null,
    packages: [],
    incomplete: [],
    unfit: [],
    analyzers: 'deb/1',
    content: 'image',
    facts: null,
    checks: [],
    ...given,
  };
}

export const debPackage = (name: string): Package => ({
  type: 'deb',
  name,
  version: '1.0-1',
  arch: 'amd64',
  source: { name, version: '1.0-1' },
  purl: `pkg:deb/debian/${name}@1.0-1?arch=amd64`,
  layer: digest('b'),
  paths: [],
  licenses: [],
});

export const finding = (id: string): Finding => ({
  id,
  kind: 'vulnerability',
  aliases: [],
  package: 'openssl',
  source: 'openssl',
  packageType: 'deb',
  version: '1.0-1',
  purl: 'pkg:deb/debian/openssl@1.0-1?arch=amd64',
  severity: 'high',
  cvss: null,
  status: 'fixed',
  fixedVersion: '1.0-2',
  kev: null,
  epss: null,
  published: null,
  fixedSince: null,
  url: '',
  summary: '',
});

const uncovered: CoverageState = {
  ecosystem: 'deb',
  release: null,
  feed: null,
  updatedAt: null,
  covered: false,
  known: false,
};

export const match = (revision: string, findings: readonly Finding[] = []): MatchResult => ({
  findings,
  coverage: [],
  advisories: { revision, updatedAt: null },
  endOfLife: null,
});

/** What a revision says of systems that nobody speaks of. */
export const ground: MatchGround = {
  system: null,
  classes: Object.fromEntries(packageClasses.map((its) => [its, uncovered])) as MatchGround['classes'],
  catalogues: [],
  endOfLife: null,
};

/** What was found in each package of an inventory. */
export const found = (
  revision: string,
  packages: readonly (readonly Finding[])[] = [],
  given: Partial<MatchGround> = {},
): PackageMatches => ({
  revision,
  ground: { ...ground, ...given },
  packages: packages.map((findings) => ({ findings, spokenFor: null })),
});

export function exception(given: Partial<GrantedException> = {}): GrantedException {
  return {
    id: 'ex-000000000001',
    advisory: 'CVE-2026-1',
    package: null,
    image: null,
    scope: everywhere,
    reason: 'not reachable',
    author: 'ann',
    ticket: 'SEC-1',
    expires: '2026-02-01',
    endsAt: Date.UTC(2026, 1, 2),
    grantedAt: at(0),
    revoked: null,
    ...given,
  };
}
