import type { Cause, VerdictChange } from '../core/change.ts';
import type { StandingVerdict } from '../core/ports/verdicts.ts';
import { allows } from '../core/verdict.ts';
import type { Ask } from './ask.ts';
import type { Cell, Found } from './report.ts';
import { dayMilliseconds, type Running, readRunning } from './running.ts';
import { eachImage, timeIsOver } from './source.ts';
import { compareText, compareVerdict, nameOf } from './standing.ts';
import { few, Worst } from './worst.ts';

const columns = [
  { key: 'status', title: 'STATUS' },
  { key: 'image', title: 'IMAGE' },
  { key: 'policy', title: 'POLICY' },
  { key: 'was', title: 'WAS' },
  { key: 'since', title: 'SINCE' },
  { key: 'cause', title: 'BECAUSE OF' },
  { key: 'advisories', title: 'DENIED FOR' },
  { key: 'runningIn', title: 'RUNNING IN' },
  { key: 'reasons', title: 'REASONS' },
  { key: 'digest', title: 'DIGEST' },
];
/** Where nobody says since when. */
export const usualDays = 7;
const pageSize = 1000;
const mostReasons = 3;
const mostAdvisories = 5;
/** Images and policies that are followed at once. */
const mostFollowed = 200_000;

/** When it went from allowed to refused. */
interface Turn {
  readonly was: string;
  readonly at: string;
  readonly cause: Cause;
  readonly advisories: readonly string[];
}

interface Row {
  readonly standing: StandingVerdict;
  readonly turn: Turn;
}

/** What was allowed, was refused since a time, and still is; what runs comes first. */
export async function newlyBadReport(ask: Ask): Promise<Found> {
  const { reading, options, now } = ask;
  const since = options.since ?? new Date(now - usualDays * dayMilliseconds).toISOString();
  const running = await readRunning(reading.source, now, options.namespace);
  const { turns, incomplete } = await turnsSince(ask, since);
  const rows = new Worst<Row>(
    options.offset + options.limit,
    (a, b) =>
      Number(running.has(b.standing.digest)) - Number(running.has(a.standing.digest)) ||
      compareVerdict(a.standing.verdict, b.standing.verdict) ||
      compareText(b.turn.at, a.turn.at) ||
      compareText(a.standing.digest, b.standing.digest),
  );
  const whole =
    turns.size === 0 ||
    (await eachImage(reading, options.policy, ({ digest, verdicts }) => {
      if (running.leavesOut(digest)) return;
      for (const standing of verdicts) {
        const turn = turns.get(keyOf(standing));
        if (turn !== undefined && !allows(standing.verdict.status)) rows.add({ standing, turn });
      }
    }));
  return {
    columns,
    rows: rows.list(options.offset).map((row) => rowOf(row, running)),
    total: rows.total,
    incomplete: [...incomplete, ...(whole ? [] : [timeIsOver])],
    notes: [`allowed before, refused since ${since} or later, and still refused`, running.note],
  };
}

/** Reads the log of changes from that time to its end. */
async function turnsSince(
  { reading: { source, isOver }, options: { policy } }: Ask,
  since: string,
): Promise<{ readonly turns: ReadonlyMap<string, Turn>; readonly incomplete: readonly string[] }> {
  const turns = new Map<string, Turn>();
  const [first] = await source.history({ digest: null, policy, from: since, limit: 1 });
  let cursor = first === undefined ? null : first.cursor - 1;
  while (cursor !== null) {
    if (isOver()) return { turns, incomplete: [timeIsOver] };
    const page = await source.changesAfter(cursor, pageSize);
    for (const change of page) {
      if (change.kind !== 'verdict' || (policy !== null && change.policy !== policy)) continue;
      follow(turns, change);
    }
    if (turns.size > mostFollowed)
      return { turns, incomplete: [`more than ${mostFollowed} went bad: the later ones are left out`] };
    cursor = page.length < pageSize ? null : (page.at(-1)?.cursor ?? null);
  }
  return { turns, incomplete: [] };
}

function follow(turns: Map<string, Turn>, change: VerdictChange): void {
  const key = keyOf(change);
  if (allows(change.to)) turns.delete(key);
  else if (change.from !== null && allows(change.from)) {
    const { from: was, at, cause, newlyDenying: advisories } = change;
    turns.set(key, { was, at, cause, advisories });
  }
}

function keyOf({ digest, policy }: { readonly digest: string; readonly policy: string }): string {
  return `${digest} ${policy}`;
}

function rowOf({ standing, turn }: Row, running: Running): Cell[] {
  const { digest, policy, verdict } = standing;
  return [
    verdict.status,
    nameOf(standing),
    policy,
    turn.was,
    turn.at,
    turn.cause,
    few(turn.advisories, mostAdvisories),
    running.places(digest),
    few(verdict.reasons, mostReasons),
    digest,
  ];
}
