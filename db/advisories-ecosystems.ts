import { type EcosystemState, type FeedState, isMoreThanStrays } from '../core/ports/advisories.ts';
import type { Sqlite } from './sqlite.ts';

interface Counted {
  readonly ecosystem: string;
  readonly feed: string;
  readonly rows: number;
  readonly firstAt: string | null;
  readonly newestAt: string | null;
}

/** `Debian` of `Debian:12`. */
function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/** A publisher's own feed with less than a fourth of the export's rows of a release was cut short, and outweighs nothing. */
const leastOfExport = 4;

/**
 * Who speaks for each ecosystem: the family's own export, or a feed that supersedes it, where that one has more than
 * strays of the release. Records about several ecosystems bring strays of others with them; those are heard where nobody
 * else is, and they are no sign that anybody speaks for that ecosystem.
 */
export function authorities(db: Sqlite, feeds: readonly FeedState[]): readonly EcosystemState[] {
  const states = new Map(feeds.map((feed) => [feed.name, feed]));
  const own = db
    .prepare<[], Counted>(
      'SELECT ecosystem, feed, rows, first_at AS firstAt, newest_at AS newestAt FROM ecosystem ORDER BY ecosystem, feed',
    )
    .all()
    .filter(({ ecosystem, feed }) => {
      const exported = `osv:${familyOf(ecosystem)}`;
      return feed === exported || states.get(feed)?.supersedes === exported;
    });
  const largest = new Map<string, number>();
  for (const row of own) {
    const key = relativesOf(row);
    largest.set(key, Math.max(row.rows, largest.get(key) ?? 0));
  }
  const familyRows = (row: Counted): number => largest.get(relativesOf(row)) ?? row.rows;
  const byEcosystem = new Map<string, Counted[]>();
  for (const row of own) byEcosystem.set(row.ecosystem, [...(byEcosystem.get(row.ecosystem) ?? []), row]);
  return [...byEcosystem].flatMap(([ecosystem, rows]) => {
    const weighty = rows.filter((row) => isMoreThanStrays(row.rows, familyRows(row)));
    const supersedes = ({ feed }: Counted): string | null => states.get(feed)?.supersedes ?? null;
    const isWhole = (row: Counted): boolean => {
      const exported = rows.find(({ feed }) => feed === supersedes(row));
      return row.rows * leastOfExport >= (exported?.rows ?? 0);
    };
    const winner =
      weighty.find((row) => supersedes(row) !== null && isWhole(row)) ??
      weighty.find((row) => supersedes(row) === null) ??
      rows[0];
    const state = winner === undefined ? undefined : states.get(winner.feed);
    if (winner === undefined || state === undefined) return [];
    const outweighed = rows.flatMap(({ feed }) => (feed === state.supersedes ? [feed] : []));
    return [
      {
        ...winner,
        updatedAt: state.updatedAt,
        familyRows: familyRows(winner),
        speakers: rows.flatMap(({ feed }) => (outweighed.includes(feed) ? [] : [feed])),
        outweighed,
        ecosystem,
      },
    ];
  });
}

/** Releases of one family in one feed are compared with each other. */
function relativesOf({ ecosystem, feed }: Counted): string {
  return `${familyOf(ecosystem)}\n${feed}`;
}
