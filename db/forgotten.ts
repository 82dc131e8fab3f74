import type { Sqlite } from './sqlite.ts';

/** Policies by name whose verdicts were all forgotten, with when that was: readers of the log hold some of them. */
export function forgottenOn(db: Sqlite): {
  note(policy: string): void;
  /** @param cursor of the log of changes */
  after(cursor: number): readonly string[];
} {
  const sql = {
    note: db.prepare<[string]>(
      `INSERT INTO policy_forgotten (policy, cursor)
       VALUES (?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0))
       ON CONFLICT DO UPDATE SET cursor = excluded.cursor`,
    ),
    after: db.prepare<[number], { policy: string }>(
      'SELECT policy FROM policy_forgotten WHERE cursor >= ? ORDER BY policy',
    ),
  };
  return {
    note: (policy) => {
      sql.note.run(policy);
    },
    after: (cursor) => (cursor === 0 ? [] : sql.after.all(cursor).map(({ policy }) => policy)),
  };
}
