import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** Single values that outlive the process: how far followers have read, the policy that was last good. */
export type SyncKept = Sync<
  Pick<VerdictStore, 'followerCursor' | 'putFollowerCursor' | 'goodPolicy' | 'putGoodPolicy'>
>;

const goodPolicyName = 'good-policy';

export function keptOn(db: Sqlite): SyncKept {
  const sql = {
    cursor: db.prepare<[string], { cursor: number }>('SELECT cursor FROM follower WHERE name = ?'),
    putCursor: db.prepare<[string, number]>(
      'INSERT INTO follower (name, cursor) VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = excluded.cursor',
    ),
    value: db.prepare<[string], { value: string }>('SELECT value FROM kept WHERE name = ?'),
    putValue: db.prepare<[string, string]>(
      'INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
  };
  return {
    followerCursor: (follower) => sql.cursor.get(follower)?.cursor ?? 0,
    putFollowerCursor: (follower, cursor) => {
      sql.putCursor.run(follower, cursor);
    },
    goodPolicy: () => sql.value.get(goodPolicyName)?.value ?? null,
    putGoodPolicy: (sources) => {
      sql.putValue.run(goodPolicyName, sources);
    },
  };
}
