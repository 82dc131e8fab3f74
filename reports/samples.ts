import type { Change, VerdictChange } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import { type Exception, everywhere, type GrantedException } from '../core/exception.ts';
import type { Finding, MatchResult } from '../core/finding.ts';
import type { Sighting, WatchedCluster } from '../core/ports/sightings.ts';
import type { StandingVerdict, StatusDay } from '../core/ports/verdicts.ts';
import type { RuleOutcome, Suppressed, Verdict } from '../core/verdict.ts';
import type { Ask } from './ask.ts';
import type { Cell, ReportGround, ReportOptions, ReportTable } from './report.ts';
import type { ReportSource } from './source.ts';

/** Small records for the tests of this room. */

export const now = Date.parse('2026-06-10T12:00:00Z');
export const at = '2026-06-10T12:00:00.000Z';

export function digest(seed: number): Digest {
  return `sha256:${seed.toString(16).padStart(64, '0')}` as Digest;
}

export function finding(fields: Partial<Finding> = {}): Finding {
  return {
    id: 'DEBIAN-CVE-2026-1',
    kind: 'vulnerability',
    aliases: ['CVE-2026-1'],
    package: 'libssl3',
    source: 'openssl',
    packageType: 'deb',
    version: '3.0.1',
    purl: 'pkg:deb/debian/libssl3@3.0.1',
    severity: 'critical',
    cvss: null,
    status: 'fixed',
    fixedVersion: '3.0.2',
    kev: false,
    epss: null,
    published: null,
    fixedSince: null,
    url: '',
    summary: '',
    ...fields,
  };
}

export function outcome(fields: Partial<RuleOutcome> = {}): RuleOutcome {
  return {
    id: 'critical',
    action: 'deny',
    title: 'Critical with a fix',
    why: null,
    remedy: null,
    controls: [],
    graceUntil: null,
    findings: 1,
    ...fields,
  };
}

export function suppressed(fields: Partial<Suppressed> = {}): Suppressed {
  return {
    id: 'CVE-2026-1',
    exception: null,
    ticket: null,
    package: 'libssl3',
    by: 'ada',
    reason: 'not called',
    expires: '2026-06-12',
    ...fields,
  };
}

export function verdict(fields: Partial<Verdict> = {}, findings: readonly Finding[] = []): Verdict {
  const count = (severity: Finding['severity']): number =>
    findings.filter((one) => one.severity === severity).length;
  return {
    status: 'pass',
    policy: 'baseline',
    policyRevision: '0123456789abcdef',
    advisoriesRevision: 'a1',
    scanner: 'pratique',
    rules: [],
    reasons: [],
    summary: {
      counts: {
        critical: count('critical'),
        high: count('high'),
        medium: 0,
        low: 0,
        negligible: 0,
        unknown: 0,
      },
      fixable: findings.filter(({ fixedVersion }) => fixedVersion !== null).length,
      worst: findings.slice(0, 10),
    },
    coverage: [],
    suppressed: [],
    blockers: { complete: true, list: [] },
    evaluatedAt: '2026-06-09T00:00:00.000Z',
    validUntil: null,
    next: null,
    ...fields,
  };
}

/** An image as the fake store holds it: verdicts by several policies, what was found, where it runs. */
export interface Given {
  readonly digest: Digest;
  readonly images?: readonly string[];
  readonly findings?: readonly Finding[] | null;
  readonly verdicts?: readonly Partial<Verdict>[];
  readonly since?: string;
  readonly running?: readonly Partial<Sighting>[];
}

export interface Store {
  readonly images?: readonly Given[];
  readonly granted?: readonly GrantedException[];
  readonly watched?: readonly WatchedCluster[];
  readonly changes?: readonly Change[];
  readonly days?: readonly StatusDay[];
}

export function sourceOf(store: Store): ReportSource {
  const images = [...(store.images ?? [])].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const standing: StandingVerdict[] = images.flatMap((image) =>
    (image.verdicts ?? [{}])
      .map((fields) => {
        const made = verdict(fields, image.findings ?? []);
        return {
          digest: image.digest,
          policy: made.policy,
          verdict: made,
          images: image.images ?? ['registry.test/app'],
          since: image.since ?? '2026-06-01T00:00:00.000Z',
        };
      })
      .sort((a, b) => (a.policy < b.policy ? -1 : 1)),
  );
  const changes = store.changes ?? [];
  return {
    pageVerdicts: (after, limit) => {
      const isAfter = (one: StandingVerdict): boolean =>
        after === null ||
        one.digest > after.digest ||
        (one.digest === after.digest && one.policy > after.policy);
      return standing.filter(isAfter).slice(0, limit);
    },
    getMatch: (asked): MatchResult | null => {
      const findings = images.find((image) => image.digest === asked)?.findings ?? null;
      if (findings === null) return null;
      return { findings, coverage: [], advisories: { revision: 'a1', updatedAt: null }, endOfLife: null };
    },
    sightings: (since) =>
      Promise.resolve(
        images.flatMap((image) => (image.running ?? []).map((fields) => sighting(image, fields))),
      ).then((all) => all.filter(({ lastAt }) => lastAt >= since)),
    watchedClusters: (since) => (store.watched ?? []).filter(({ at }) => at >= since),
    listExceptions: () => store.granted ?? [],
    changesAfter: (cursor, limit) => changes.filter((one) => one.cursor > cursor).slice(0, limit),
    history: ({ from, limit }) => changes.filter((one) => from === null || one.at >= from).slice(0, limit),
    statusByDay: (_policy, from, to) => (store.days ?? []).filter(({ day }) => day >= from && day <= to),
  };
}

function sighting(image: Given, fields: Partial<Sighting>): Sighting {
  return {
    digest: image.digest,
    cluster: 'prod',
    namespace: 'shop',
    workload: 'Deployment/web',
    image: image.images?.[0] ?? 'registry.test/app',
    team: null,
    firstAt: '2026-06-01T00:00:00.000Z',
    lastAt: '2026-06-09T00:00:00.000Z',
    ...fields,
  };
}

export function exception(fields: Partial<Exception> = {}): Exception {
  return {
    id: null,
    advisory: 'CVE-2026-1',
    package: null,
    image: null,
    scope: everywhere,
    reason: 'not called',
    author: 'ada',
    ticket: null,
    expires: '2026-06-12',
    endsAt: Date.parse('2026-06-13T00:00:00Z'),
    ...fields,
  };
}

export function granted(fields: Partial<GrantedException> = {}): GrantedException {
  const { id, grantedAt, revoked, ...rest } = fields;
  return {
    ...exception(rest),
    id: id ?? 'ex-0123456789ab',
    grantedAt: grantedAt ?? '2026-06-01T00:00:00.000Z',
    revoked: revoked ?? null,
  };
}

export function change(cursor: number, fields: Partial<VerdictChange> = {}): VerdictChange {
  return {
    kind: 'verdict',
    cursor,
    at: '2026-06-08T00:00:00.000Z',
    digest: digest(1),
    policy: 'baseline',
    images: [],
    from: 'pass',
    to: 'fail',
    cause: 'advisories',
    reasons: [],
    newlyDenying: [],
    ...fields,
  };
}

export const plainOptions: ReportOptions = {
  advisory: null,
  policy: null,
  since: null,
  namespace: null,
  limit: 100,
  offset: 0,
};

export const plainGround: ReportGround = {
  policies: [{ name: 'baseline', revision: '0123456789abcdef', rules: [], exceptions: [] }],
  problem: null,
  outdated: null,
  advisories: { revision: 'a1', updatedAt: null },
  controls: [],
};

export function askOf(
  store: Store,
  options: Partial<ReportOptions> = {},
  ground: Partial<ReportGround> = {},
): Ask {
  return {
    reading: { source: sourceOf(store), isOver: () => false },
    ground: { ...plainGround, ...ground },
    options: { ...plainOptions, ...options },
    now,
  };
}

/** Some columns of a report's rows, for comparing. */
export function pick(
  table: Pick<ReportTable, 'columns' | 'rows'>,
  ...keys: readonly string[]
): (readonly Cell[])[] {
  const places = keys.map((key) => table.columns.findIndex((column) => column.key === key));
  if (places.includes(-1)) throw new Error(`no such column among ${keys.join(', ')}`);
  return table.rows.map((cells) => places.map((place) => cells[place] ?? null));
}
