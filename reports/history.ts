import { PratiqueError } from '../core/errors.ts';
import type { Ask } from './ask.ts';
import type { Cell, Found } from './report.ts';
import { dayMilliseconds } from './running.ts';

const columns = [
  { key: 'day', title: 'DAY' },
  { key: 'policy', title: 'POLICY' },
  { key: 'fail', title: 'FAIL' },
  { key: 'error', title: 'ERROR' },
  { key: 'warn', title: 'WARN' },
  { key: 'pass', title: 'PASS' },
  { key: 'images', title: 'IMAGES' },
  { key: 'refusedShare', title: 'REFUSED %' },
];
/** Where nobody says since when. */
const usualDays = 30;
const mostDays = 366;

/** One row for each day (UTC) and policy, the newest first: how many images had which status at its end. */
export async function historyReport({ reading, ground, options, now }: Ask): Promise<Found> {
  const to = new Date(now).toISOString().slice(0, 10);
  const earliest = dayBefore(now, mostDays);
  const wanted = options.since === null ? dayBefore(now, usualDays) : options.since.slice(0, 10);
  const tooFar = wanted < earliest;
  const from = tooFar ? earliest : wanted;
  const names = options.policy === null ? ground.policies.map(({ name }) => name) : [options.policy];
  const rows: Cell[][] = [];
  for (const policy of names) {
    // Before the first record there are days without images, which say nothing.
    let begun = false;
    for (const { day, counts } of await reading.source.statusByDay(policy, from, to)) {
      const images = counts.fail + counts.error + counts.warn + counts.pass;
      begun ||= images > 0;
      if (!begun) continue;
      const refused = images === 0 ? 0 : Math.round((1000 * (counts.fail + counts.error)) / images) / 10;
      rows.push([day, policy, counts.fail, counts.error, counts.warn, counts.pass, images, refused]);
    }
  }
  const known = ground.policies.map(({ name }) => name);
  const isUnknown = rows.length === 0 && options.policy !== null && !known.includes(options.policy);
  // A policy that is no more has a history; a name that never was one would seem to have an empty one.
  const told = `no policy is named "${(options.policy ?? '').slice(0, 200)}", and nothing is recorded of one since ${from}`;
  if (isUnknown && ground.problem === null)
    throw new PratiqueError('usage-invalid', `${told}: there are ${known.join(', ')}`);
  rows.sort(([a, policyA], [b, policyB]) => (a === b ? order(policyA, policyB) : order(b, a)));
  return {
    columns,
    rows: rows.slice(options.offset, options.offset + options.limit),
    total: rows.length,
    incomplete: [
      ...(tooFar ? [`at most ${mostDays} days are told: from ${from} on`] : []),
      ...(isUnknown ? [told] : []),
      ...(ground.problem === null || (options.policy !== null && !isUnknown)
        ? []
        : [`names of the policies are not known: ${ground.problem}`]),
    ],
    notes: [
      'days before the first record are left out',
      'counted from the recorded changes of verdicts, for all images that had one by then, running or not',
    ],
  };
}

function order(a: Cell | undefined, b: Cell | undefined): number {
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function dayBefore(now: number, days: number): string {
  return new Date(now - days * dayMilliseconds).toISOString().slice(0, 10);
}
