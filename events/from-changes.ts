import type { Change, GroundChange, VerdictChange } from '../core/change.ts';
import type { EventSeverity, EventSubject, PratiqueEvent } from '../core/event.ts';
import { noSubject } from '../core/event.ts';
import { mostSightingsOf, noCluster, type Sighting } from '../core/ports/sightings.ts';
import { allows } from '../core/verdict.ts';

/** The newest change of each ground that was read: what follows from it is told together. Unknown after a restart. */
export type Grounds = Readonly<Partial<Record<GroundChange['kind'], string>>>;

export type SightingsOf = (digest: VerdictChange['digest']) => readonly Sighting[];

/** How many of the places where an image runs are named. */
const mostPlaces = 5;

/** What people are told of a change: nothing, or that images pass no longer, or pass again. Pure. */
export function eventsOf(change: Change, grounds: Grounds, sightingsOf: SightingsOf): PratiqueEvent[] {
  if (change.kind !== 'verdict' || change.from === null) return [];
  const before = allows(change.from);
  const after = allows(change.to);
  if (before === after) return [];
  if (after) return [passesAgain(change, grounds)];
  const refused = passesNoLonger(change, grounds);
  const seen = sightingsOf(change.digest);
  return seen.length === 0 ? [refused] : [refused, runningBad(refused, seen)];
}

export function groundsAfter(grounds: Grounds, change: Change): Grounds {
  if (change.kind === 'verdict' || change.kind === 'renewal') return grounds;
  return { ...grounds, [change.kind]: change.subject };
}

function passesAgain(change: VerdictChange, grounds: Grounds): PratiqueEvent {
  return {
    kind: 'verdict-changed',
    severity: 'notice',
    at: change.at,
    group: [commonGround(change, grounds) ?? change.cause, change.policy, 'passes'].join(' '),
    title: `${nameOf(change)} passes again by policy "${change.policy}"`,
    reasons: change.reasons,
    subject: subjectOf(change),
  };
}

function passesNoLonger(change: VerdictChange, grounds: Grounds): PratiqueEvent {
  const advisory = change.newlyDenying[0];
  const why = advisory === undefined ? '' : `${shared(advisory)}: `;
  return {
    kind: 'verdict-changed',
    severity: severityOf(change),
    at: change.at,
    group: [refusedBy(change, grounds), change.policy, 'refused'].join(' '),
    title: `${why}${nameOf(change)} passes no longer by policy "${change.policy}"`,
    reasons: change.reasons,
    subject: subjectOf(change),
  };
}

function runningBad(refused: PratiqueEvent, seen: readonly Sighting[]): PratiqueEvent {
  const places = seen.map(
    ({ cluster, namespace, workload }) =>
      `${cluster === noCluster ? '' : `${cluster}/`}${namespace}: ${workload}`,
  );
  // There may be others, of which nothing is known.
  const whole = seen.length < mostSightingsOf;
  const rest = `${whole ? '' : 'at least '}${places.length - mostPlaces} more`;
  const more = places.length > mostPlaces ? ` and ${rest}` : '';
  const where = `${places.slice(0, mostPlaces).join(', ')}${more}`;
  const same = (key: 'cluster' | 'namespace' | 'workload'): string | null => {
    const values = new Set(seen.map((sighting) => sighting[key]));
    const [only] = values;
    return whole && values.size === 1 && only !== undefined && only !== noCluster ? only : null;
  };
  return {
    ...refused,
    kind: 'running-image-bad',
    title: `${refused.title}; it runs as ${where}`,
    reasons: [`Seen running: ${where}`, ...refused.reasons],
    subject: {
      ...refused.subject,
      cluster: same('cluster'),
      namespace: same('namespace'),
      workload: same('workload'),
    },
  };
}

/** One bad advisory is one group; what a new policy or exception refuses is another. */
function refusedBy(change: VerdictChange, grounds: Grounds): string {
  const byDecision = change.cause === 'policy' || change.cause === 'exception';
  if (byDecision) return commonGround(change, grounds) ?? change.cause;
  const advisory = change.newlyDenying[0];
  return advisory === undefined ? (change.reasons[0] ?? change.cause) : shared(advisory);
}

function commonGround({ cause }: VerdictChange, grounds: Grounds): string | null {
  if (cause !== 'policy' && cause !== 'exception' && cause !== 'advisories') return null;
  const subject = grounds[cause];
  return subject === undefined ? null : `${cause} ${subject}`;
}

/** Distributions give one CVE records of their own (`DEBIAN-CVE-…`, `ALPINE-CVE-…`). */
function shared(advisory: string): string {
  return /CVE-[0-9]{4}-[0-9]+/.exec(advisory)?.[0] ?? advisory;
}

/** A change does not carry its findings, so the words of its reasons and the names of its advisories tell. */
function severityOf({ newlyDenying, reasons }: VerdictChange): EventSeverity {
  const grave =
    newlyDenying.some((id) => id.startsWith('MAL-')) ||
    reasons.some((reason) =>
      /\b(?:known[- ]exploited(?! catalogue)|actively exploited|malware)\b/i.test(reason),
    );
  return grave ? 'critical' : 'warning';
}

function nameOf({ images, digest }: VerdictChange): string {
  const [first] = images;
  const short = `${digest.slice(0, digest.indexOf(':') + 13)}`;
  return first === undefined ? short : `${first}@${short}`;
}

function subjectOf(change: VerdictChange): EventSubject {
  return {
    ...noSubject,
    image: change.images[0] ?? null,
    digest: change.digest,
    policy: change.policy,
    advisories: change.newlyDenying.map(shared),
  };
}
