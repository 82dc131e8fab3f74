import type { StatusDay } from '../core/ports/verdicts.ts';
import type { FinalStatus } from '../core/verdict.ts';
import type { Sqlite } from './sqlite.ts';

const mostDays = 400;
const dayMilliseconds = 86_400_000;

interface DeltaRow {
  readonly day: string;
  readonly status: FinalStatus;
  readonly delta: number;
}

/**
 * How many images went to and from a status on each day, written with the changes themselves: counts over time then
 * cost as many rows as there are days, and stay right when old changes are forgotten.
 */
export function statusDaysOn(db: Sqlite): {
  move(policy: string, at: string, from: FinalStatus | null, to: FinalStatus): void;
  between(policy: string, from: string, to: string): StatusDay[];
} {
  const sql = {
    add: db.prepare<[string, string, FinalStatus, number]>(
      `INSERT INTO status_day (policy, day, status, delta) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET delta = delta + excluded.delta`,
    ),
    until: db.prepare<[string, string], DeltaRow>(
      'SELECT day, status, delta FROM status_day WHERE policy = ? AND day <= ? ORDER BY day',
    ),
  };
  return {
    move: (policy, at, from, to) => {
      if (from === to) return;
      const day = dayOf(at);
      if (from !== null) sql.add.run(policy, day, from, -1);
      sql.add.run(policy, day, to, 1);
    },
    between: (policy, from, to) => {
      const rows = sql.until.all(policy, dayOf(to));
      const counts: Record<FinalStatus, number> = { pass: 0, warn: 0, fail: 0, error: 0 };
      let next = 0;
      return daysBetween(dayOf(from), dayOf(to)).map((day) => {
        for (let row = rows[next]; row !== undefined && row.day <= day; row = rows[next]) {
          counts[row.status] += row.delta;
          next += 1;
        }
        return { day, counts: atLeastNone(counts) };
      });
    },
  };
}

/** A clock that was set back lets an image leave a status on a day before it came to it. */
function atLeastNone({ pass, warn, fail, error }: Record<FinalStatus, number>): StatusDay['counts'] {
  const least = (count: number): number => Math.max(0, count);
  return { pass: least(pass), warn: least(warn), fail: least(fail), error: least(error) };
}

const dayOf = (time: string): string => time.slice(0, 'yyyy-mm-dd'.length);

/** Both inclusive; of a longer time the last 400 days. */
function daysBetween(from: string, to: string): string[] {
  const last = Date.parse(to);
  const first = Math.max(Date.parse(from), last - (mostDays - 1) * dayMilliseconds);
  const days: string[] = [];
  for (let day = first; day <= last; day += dayMilliseconds) days.push(dayOf(new Date(day).toISOString()));
  return days;
}
