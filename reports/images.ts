import type { StandingVerdict } from '../core/ports/verdicts.ts';
import type { Ask } from './ask.ts';
import type { Cell, Found } from './report.ts';
import { type Running, readRunning } from './running.ts';
import { eachImage, timeIsOver } from './source.ts';
import { compareText, compareVerdict, nameOf, worstFindings } from './standing.ts';
import { few, Worst } from './worst.ts';

const columns = [
  { key: 'status', title: 'STATUS' },
  { key: 'image', title: 'IMAGE' },
  { key: 'policy', title: 'POLICY' },
  { key: 'critical', title: 'CRITICAL' },
  { key: 'high', title: 'HIGH' },
  { key: 'fixable', title: 'FIXABLE' },
  { key: 'since', title: 'SINCE' },
  { key: 'next', title: 'NEXT CHANGE' },
  { key: 'runningIn', title: 'RUNNING IN' },
  { key: 'worst', title: 'WORST FINDINGS' },
  { key: 'reasons', title: 'REASONS' },
  { key: 'otherNames', title: 'OTHER NAMES' },
  { key: 'digest', title: 'DIGEST' },
];
const mostNames = 10;
const mostWorst = 3;
const mostReasons = 3;

/** One row for each image and policy. */
export async function imagesReport({ reading, options, now }: Ask): Promise<Found> {
  const running = await readRunning(reading.source, now, options.namespace);
  const rows = new Worst<StandingVerdict>(
    options.offset + options.limit,
    (a, b) =>
      compareVerdict(a.verdict, b.verdict) ||
      Number(running.has(b.digest)) - Number(running.has(a.digest)) ||
      compareText(nameOf(a), nameOf(b)) ||
      compareText(a.digest, b.digest) ||
      compareText(a.policy, b.policy),
  );
  const whole = await eachImage(reading, options.policy, ({ digest, verdicts }) => {
    if (running.leavesOut(digest)) return;
    for (const standing of verdicts) rows.add(standing);
  });
  return {
    columns,
    rows: rows.list(options.offset).map((standing) => rowOf(standing, running)),
    total: rows.total,
    incomplete: whole ? [] : [timeIsOver],
    notes: [running.note],
  };
}

function rowOf(standing: StandingVerdict, running: Running): Cell[] {
  const { digest, policy, images, since, verdict } = standing;
  const { next, validUntil } = verdict;
  return [
    verdict.status,
    nameOf(standing),
    policy,
    verdict.summary.counts.critical,
    verdict.summary.counts.high,
    verdict.summary.fixable,
    since,
    next === null
      ? validUntil === null
        ? null
        : `judged again at ${validUntil}`
      : `${next.status} at ${next.at}`,
    running.places(digest),
    worstFindings(verdict, mostWorst),
    few(verdict.reasons, mostReasons),
    few(images.slice(1), mostNames),
    digest,
  ];
}
