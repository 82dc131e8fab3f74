import type { Change, NewChange, VerdictChange } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { FinalStatus } from '../core/verdict.ts';
import type { Sqlite } from './sqlite.ts';
import { statusDaysOn } from './status-days.ts';
import type { Sync } from './sync.ts';

/** The part of `VerdictStore` that is about changes, answered at once. */
export type SyncChanges = Sync<
  Pick<
    VerdictStore,
    'putChange' | 'changesAfter' | 'lastCursor' | 'history' | 'statusByDay' | 'forgetChangesBefore'
  >
>;

/** What writing verdicts needs of the log, inside its own transaction. */
export interface ChangeLog {
  /** @returns its cursor */
  append(change: NewChange): number;
  /** A renewal that a later one, or a change, has taken the place of. */
  dropRenewal(cursor: number): void;
}

interface ChangeRow {
  readonly cursor: number;
  /** JSON of a `NewChange`. */
  readonly body: string;
}

/** Changes that one call takes out: a transaction of any length would hold up everybody else. */
const mostForgotten = 5_000;

/** The log of changes. Its cursor is SQLite's AUTOINCREMENT: never used twice, whatever is deleted. */
export function changesOn(db: Sqlite): { readonly changes: SyncChanges; readonly log: ChangeLog } {
  const days = statusDaysOn(db);
  const sql = {
    append: db.prepare<[string, string, Digest | null, string | null, string]>(
      'INSERT INTO change (at, kind, digest, policy, body) VALUES (?, ?, ?, ?, ?)',
    ),
    dropRenewal: db.prepare<[number]>(`DELETE FROM change WHERE cursor = ? AND kind = 'renewal'`),
    last: db.prepare<[Digest, string], ChangeRow>(
      `SELECT cursor, body FROM change WHERE kind = 'verdict' AND digest = ? AND policy = ?
       ORDER BY cursor DESC LIMIT 1`,
    ),
    after: db.prepare<[number, number], ChangeRow>(
      'SELECT cursor, body FROM change WHERE cursor > ? ORDER BY cursor LIMIT ?',
    ),
    // The newest row may be gone, its cursor counts all the same.
    lastCursor: db.prepare<[], { seq: number }>(`SELECT seq FROM sqlite_sequence WHERE name = 'change'`),
    historyOfImage: db.prepare<
      { digest: Digest; policy: string | null; from: string; limit: number },
      ChangeRow
    >(
      `SELECT cursor, body FROM change INDEXED BY change_by_image
       WHERE kind = 'verdict' AND digest = @digest AND (@policy IS NULL OR policy = @policy) AND at >= @from
       ORDER BY at, cursor LIMIT @limit`,
    ),
    history: db.prepare<{ policy: string | null; from: string; limit: number }, ChangeRow>(
      `SELECT cursor, body FROM change INDEXED BY change_by_time
       WHERE kind = 'verdict' AND at >= @from AND (@policy IS NULL OR policy = @policy)
       ORDER BY at, cursor LIMIT @limit`,
    ),
    forget: db.prepare<[string, number]>(
      `DELETE FROM change WHERE cursor IN (
         SELECT cursor FROM change AS old WHERE kind = 'verdict' AND at < ? AND EXISTS (
           SELECT 1 FROM change AS later WHERE later.kind = 'verdict' AND later.digest = old.digest
             AND later.policy = old.policy AND later.cursor > old.cursor)
         LIMIT ?)`,
    ),
  };
  /** What was last said of an image, by a policy that was gone for a while too. */
  const lastStatus = (digest: Digest, policy: string): FinalStatus | null => {
    const row = sql.last.get(digest, policy);
    return row === undefined ? null : (changeOf(row) as VerdictChange).to;
  };
  const append = (change: NewChange): number => {
    const subject = 'digest' in change ? change : { digest: null, policy: null };
    if (change.kind === 'verdict') {
      const from = change.from ?? lastStatus(change.digest, change.policy);
      days.move(change.policy, change.at, from, change.to);
    }
    const body = JSON.stringify(change);
    const { lastInsertRowid } = sql.append.run(change.at, change.kind, subject.digest, subject.policy, body);
    return Number(lastInsertRowid);
  };
  const putChange = db.transaction((change: NewChange): void => {
    append(change);
  });

  return {
    log: {
      append,
      dropRenewal: (cursor) => {
        sql.dropRenewal.run(cursor);
      },
    },
    changes: {
      putChange: (change) => putChange.immediate(change),
      changesAfter: (cursor, limit) => sql.after.all(cursor, limit).map(changeOf),
      lastCursor: () => sql.lastCursor.get()?.seq ?? 0,
      history: ({ digest, policy, from, limit }) => {
        const asked = { policy, from: from ?? '', limit };
        const rows = digest === null ? sql.history.all(asked) : sql.historyOfImage.all({ ...asked, digest });
        return rows.map(changeOf);
      },
      statusByDay: days.between,
      forgetChangesBefore: (at) => sql.forget.run(at, mostForgotten).changes,
    },
  };
}

/** What this program wrote. */
function changeOf({ cursor, body }: ChangeRow): Change {
  return { ...(JSON.parse(body) as NewChange), cursor };
}
