import type { Digest } from '../core/digest.ts';
import type { ChangeLog } from './changes.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Tells the log that other repositories hold a manifest than before: what stands of it is renewed, because readers of the
 * log act on the names of those repositories too (exceptions with a pattern).
 */
export function holdersOn(db: Sqlite, log: ChangeLog): (digest: Digest) => void {
  const sql = {
    standing: db.prepare<
      [Digest],
      { id: number; policy: string; version: number; changed: number; at: string }
    >(
      `SELECT id, policy, version, changed, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS at
       FROM verdict_standing WHERE digest = ?`,
    ),
    move: db.prepare<[number, number]>('UPDATE verdict_standing SET version = ? WHERE id = ?'),
  };
  return (digest) => {
    for (const { id, policy, version, changed, at } of sql.standing.all(digest)) {
      if (version !== changed) log.dropRenewal(version);
      sql.move.run(log.append({ kind: 'renewal', at, digest, policy }), id);
    }
  };
}
