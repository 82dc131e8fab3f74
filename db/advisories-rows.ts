import { type FeedProblem, type FeedState, matcherVersion } from '../core/ports/advisories.ts';
import type { Sqlite } from './sqlite.ts';

/** The revision that readers know: that of the data, and that of the way in which it is matched. */
export function revisionOf(stored: string): string {
  return `${stored}-${matcherVersion}`;
}

export function feedRows(db: Sqlite): readonly FeedState[] {
  return db
    .prepare<[], FeedState>(
      `SELECT name, updated_at AS updatedAt, records, rejected, fingerprint, source, licence, supersedes, bookmark
       FROM feed ORDER BY name`,
    )
    .all();
}

export function problemRows(db: Sqlite): readonly FeedProblem[] {
  return db.prepare<[], FeedProblem>('SELECT feed, why, since FROM problem ORDER BY feed').all();
}
