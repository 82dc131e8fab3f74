import { parseDigest } from '../../core/digest.ts';
import type { RunningImage } from '../../core/ports/sightings.ts';
import { compareSeverity } from '../../core/severity.ts';
import type { Place } from './pods.ts';
import type { ToldFinding } from './said.ts';
import type { Standing } from './standing.ts';
import { fixText } from './words.ts';

/** What becomes of an image that runs: `unjudged` where nobody has, or can. */
export const runningStatuses = ['fail', 'error', 'unjudged', 'warn', 'pass'] as const;
export type RunningStatus = (typeof runningStatuses)[number];

/** An image in a workload, for people. */
export interface RunningRow {
  readonly status: RunningStatus;
  /** Whether it would be refused if it were to start now. */
  readonly refused: boolean;
  readonly image: string;
  readonly digest: string | null;
  readonly namespace: string;
  readonly workload: string;
  readonly pods: number;
  /** ISO 8601: since when it is bad; null: it is not. */
  readonly since: string | null;
  /** It was let in before it went bad. */
  readonly wentBad: boolean;
  /** `CVE-2026-1 in openssl (critical, known exploited)`; null: nothing, or nobody knows. */
  readonly worst: string | null;
  /** `openssl 3.0.2`; null: none is known. */
  readonly fix: string | null;
  readonly reason: string | null;
  readonly policy: string | null;
  readonly binding: string | null;
  readonly mode: string | null;
}

/** What is said of many, in numbers. */
export interface RunningCounts {
  /** Images in workloads, by status. */
  readonly images: Readonly<Record<RunningStatus, number>>;
  /** Of them: that would be refused if they were to start now; that went bad while they ran; bad ones with a fix. */
  readonly refused: number;
  readonly wentBad: number;
  readonly fixable: number;
}

export type StandingOf = (place: Place) => Standing | null;

export function statusOf(standing: Standing | null): RunningStatus {
  if (standing === null) return 'unjudged';
  const { said, bad } = standing;
  if (said.known && said.status !== 'pending') return said.status;
  // Nobody can judge it at the moment, and it was bad when somebody could.
  return bad === null ? 'unjudged' : 'fail';
}

export function isRefused(standing: Standing | null): boolean {
  return standing !== null && standing.bad !== null && !standing.said.allowed;
}

export function countRunning(places: Iterable<Place>, standingOf: StandingOf): RunningCounts {
  const images = { fail: 0, error: 0, unjudged: 0, warn: 0, pass: 0 };
  let [refused, wentBad, fixable] = [0, 0, 0];
  for (const place of places) {
    const standing = standingOf(place);
    images[statusOf(standing)] += 1;
    if (isRefused(standing)) refused += 1;
    if (standing?.bad?.wentBad === true) wentBad += 1;
    if (standing !== null && standing.bad !== null && fixText(standing.said.worst) !== null) fixable += 1;
  }
  return { images, refused, wentBad, fixable };
}

export function rowOf(place: Place, standing: Standing | null): RunningRow {
  const said = standing?.said ?? null;
  const worst = said?.worst ?? null;
  return {
    status: statusOf(standing),
    refused: isRefused(standing),
    image: said?.image ?? place.image,
    digest: said?.digest ?? digestIn(place.id),
    namespace: place.namespace,
    workload: place.workload,
    pods: place.pods.size,
    since: standing?.bad?.since ?? null,
    wentBad: standing?.bad?.wentBad ?? false,
    worst: worst === null ? null : findingText(worst),
    fix: fixText(worst),
    reason: said?.reason ?? null,
    policy: said?.ruled?.policy ?? null,
    binding: said?.ruled?.binding ?? null,
    mode: said?.ruled?.mode ?? null,
  };
}

function findingText({ id, package: name, severity, exploited }: ToldFinding): string {
  return `${id} in ${name} (${severity}${exploited ? ', known exploited' : ''})`;
}

/** The worst first: what is refused, known to be exploited, by severity and then by how long it is so. */
export function worstRows(
  places: Iterable<Place>,
  standingOf: StandingOf,
  limit: number,
): readonly RunningRow[] {
  const all = [...places].map((place) => ({ place, standing: standingOf(place) }));
  return all
    .sort((a, b) => compareRunning(a, b))
    .slice(0, limit)
    .map(({ place, standing }) => rowOf(place, standing));
}

interface Judged {
  readonly place: Place;
  readonly standing: Standing | null;
}

export function compareRunning(a: Judged, b: Judged): number {
  return (
    rankOf(a) - rankOf(b) ||
    Number(isExploited(b)) - Number(isExploited(a)) ||
    compareSeverity(severityOf(a), severityOf(b)) ||
    compareText(a.standing?.bad?.since ?? '', b.standing?.bad?.since ?? '') ||
    compareText(a.place.namespace, b.place.namespace) ||
    compareText(a.place.workload, b.place.workload) ||
    compareText(a.place.key, b.place.key)
  );
}

function rankOf({ standing }: Judged): number {
  return runningStatuses.indexOf(statusOf(standing)) * 2 - (isRefused(standing) ? 1 : 0);
}

function isExploited({ standing }: Judged): boolean {
  return standing?.said.worst?.exploited === true;
}

function severityOf({ standing }: Judged): Parameters<typeof compareSeverity>[0] {
  return standing?.said.worst?.severity ?? 'negligible';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of `name@sha256:…`; null: it names none. */
function digestIn(id: string): ReturnType<typeof parseDigest> {
  return parseDigest(id.slice(id.indexOf('@') + 1));
}

/** What runs, as records keep it: by the manifests of platforms where it was judged, else by what its node says. */
export function* runningImages(places: Iterable<Place>, standingOf: StandingOf): Generator<RunningImage> {
  for (const place of places) {
    const said = standingOf(place)?.said ?? null;
    const { namespace, workload, id } = place;
    const own = id.includes('@') ? digestIn(id) : null;
    const judged = said === null ? [] : said.platforms;
    const digests = judged.length > 0 ? judged : own === null ? [] : [own];
    for (const digest of digests) {
      yield { digest, namespace, workload, image: said?.image ?? place.image, team: said?.team ?? null };
    }
  }
}
