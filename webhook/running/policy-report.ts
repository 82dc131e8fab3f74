import { createHash } from 'node:crypto';
import type { Severity } from '../../core/severity.ts';
import { oneLine } from '../../policy/text.ts';
import type { Place } from './pods.ts';
import { compareRunning, isRefused, type RunningStatus, statusOf } from './rows.ts';
import type { Said } from './said.ts';
import type { Standing } from './standing.ts';
import { fixText, whatIsWrong } from './words.ts';

export const reportKinds = ['wgpolicyk8s.io', 'openreports.io'] as const;
export type ReportKind = (typeof reportKinds)[number];

interface ReportApi {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

export const reportApis: Readonly<Record<ReportKind, ReportApi>> = {
  'wgpolicyk8s.io': { apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport', plural: 'policyreports' },
  'openreports.io': { apiVersion: 'openreports.io/v1alpha1', kind: 'Report', plural: 'reports' },
};

/** Of the one report of each namespace. */
export const reportName = 'pratique';
export const managedBy = 'app.kubernetes.io/managed-by';
/** Annotation with what the content is a hash of, so that only what has changed is written. */
export const contentKey = 'pratique.dev/content';

/** Results of one report, of about a kilobyte each: etcd takes objects of 1.5 MB, and people read fewer. */
const mostResults = 100;
/** Workloads that a result names. */
const mostResources = 10;
/** Characters. */
const longestMessage = 500;
const source = 'pratique';

/** What stands in one namespace. */
export interface Judged {
  readonly place: Place;
  readonly standing: Standing | null;
}

type Outcome = 'pass' | 'fail' | 'warn' | 'error' | 'skip';
/** A report's `skip`: nobody has judged it yet. */
const outcomes: Readonly<Record<RunningStatus, Outcome>> = {
  ...{ pass: 'pass', warn: 'warn', fail: 'fail', error: 'error', unjudged: 'skip' },
};
const reportSeverities: Readonly<Record<Severity, string>> = {
  ...{
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    negligible: 'info',
    unknown: 'info',
  },
};

export interface NamespaceReport {
  /** Names the content. */
  readonly content: string;
  readonly object: object;
}

/**
 * The report of one namespace: a result for each image that is not as it should be, the worst first, each with its
 * workloads; all are counted in the summary. null: nothing runs there. Pure.
 */
export function reportOf(
  kind: ReportKind,
  namespace: string,
  judged: readonly Judged[],
): NamespaceReport | null {
  if (judged.length === 0) return null;
  const { apiVersion, kind: name } = reportApis[kind];
  const groups = groupsOf(judged);
  const summary = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const group of groups) summary[outcomes[statusOf(group[0].standing)]] += 1;
  const told = groups.filter(([first]) => outcomes[statusOf(first.standing)] !== 'pass');
  const results = told.slice(0, mostResults).map((group) => resultOf(namespace, group));
  const rest = told.length - results.length;
  const body = {
    ...(kind === 'openreports.io' ? { source } : {}),
    scope: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
    summary,
    results,
  };
  const content = createHash('sha256')
    .update(JSON.stringify([kind, rest, body]))
    .digest('hex')
    .slice(0, 32);
  const object = {
    apiVersion,
    kind: name,
    metadata: {
      name: reportName,
      namespace,
      labels: { [managedBy]: source, 'app.kubernetes.io/name': source },
      annotations: {
        [contentKey]: content,
        ...(rest === 0 ? {} : { 'pratique.dev/left-out': `${rest} more images: pratique webhook running` }),
      },
    },
    ...body,
  };
  return { content, object };
}

type Group = readonly [Judged, ...Judged[]];

/** By image and what is said of it; the worst first. */
function groupsOf(judged: readonly Judged[]): readonly Group[] {
  const groups = new Map<string, [Judged, ...Judged[]]>();
  for (const one of judged.toSorted(compareRunning)) {
    const said = one.standing?.said ?? null;
    const key = JSON.stringify([
      statusOf(one.standing),
      said?.image ?? one.place.image,
      said?.rule ?? null,
      said?.ruled ?? null,
    ]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()];
}

function resultOf(namespace: string, group: Group): object {
  const [{ place, standing }] = group;
  const said = standing?.said ?? null;
  const bad = standing?.bad ?? null;
  const workloads = [...new Set(group.map((one) => one.place.workload))].toSorted();
  const worst = said?.worst ?? null;
  const fix = fixText(worst);
  // Of all workloads the first to be bad.
  const since = group.flatMap((one) => one.standing?.bad?.since ?? []).toSorted()[0] ?? null;
  return {
    source,
    policy: said?.ruled?.policy ?? source,
    ...(said?.rule == null ? {} : { rule: said.rule }),
    category: 'Running images',
    ...(worst === null ? {} : { severity: reportSeverities[worst.severity] }),
    ...(since === null ? {} : { timestamp: { seconds: Math.floor(Date.parse(since) / 1000), nanos: 0 } }),
    result: outcomes[statusOf(standing)],
    scored: true,
    resources: workloads.slice(0, mostResources).map((workload) => resourceOf(namespace, workload)),
    message: messageOf(place, said),
    properties: {
      image: said?.image ?? oneLine(place.image, 420),
      ...(said?.digest == null ? {} : { digest: said.digest }),
      ...(since === null ? {} : { since }),
      ...(bad === null ? {} : { wentBad: String(group.some((one) => one.standing?.bad?.wentBad === true)) }),
      ...(worst === null ? {} : { finding: worst.id, package: worst.package }),
      ...(fix === null ? {} : { fix }),
      refused: String(isRefused(standing)),
      ...(said?.ruled == null ? {} : { binding: said.ruled.binding, mode: said.ruled.mode }),
      workloads: String(workloads.length),
    },
  };
}

function messageOf(place: Place, said: Said | null): string {
  if (said === null) return oneLine(`${place.image} has not been judged yet`, longestMessage);
  return oneLine(whatIsWrong(said), longestMessage);
}

const apiVersions: ReadonlyMap<string, string> = new Map([
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind) => [kind, 'apps/v1'] as const),
  ...['Job', 'CronJob'].map((kind) => [kind, 'batch/v1'] as const),
  ...['Pod', 'ReplicationController'].map((kind) => [kind, 'v1'] as const),
]);

/** Kinds of others are named without their group, which a workload's name does not tell. */
function resourceOf(namespace: string, workload: string): object {
  const slash = workload.indexOf('/');
  const kind = workload.slice(0, slash);
  const apiVersion = apiVersions.get(kind);
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    kind,
    namespace,
    name: workload.slice(slash + 1),
  };
}
