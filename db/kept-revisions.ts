import type { Sqlite } from './sqlite.ts';

const name = 'match-revisions';
/** Findings that go with each match that is put: the old ones are gone soon, and nobody waits for it. */
const mostAtOnce = 500;

/**
 * Keeps what was found under two revisions of the advisories, the newest and the one before, and takes out what was
 * found under others. To be told of each revision before something is put under it, inside the same transaction.
 */
export function keptRevisionsOn(db: Sqlite): (revision: string) => void {
  const sql = {
    kept: db.prepare<[], { value: string }>(`SELECT value FROM kept WHERE name = '${name}'`),
    keep: db.prepare<[string]>(
      `INSERT INTO kept (name, value) VALUES ('${name}', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    ),
    dropMatches: db.prepare<[string, string]>('DELETE FROM match WHERE advisories_revision NOT IN (?, ?)'),
    oldest: db.prepare<[], { revision: string }>('SELECT revision FROM finding ORDER BY id LIMIT 1'),
    dropFindings: db.prepare<[string, number]>(
      'DELETE FROM finding WHERE id IN (SELECT id FROM finding WHERE revision = ? LIMIT ?)',
    ),
  };
  return (revision) => {
    const kept = sql.kept.get();
    let revisions = kept === undefined ? [] : (JSON.parse(kept.value) as string[]);
    if (!revisions.includes(revision)) {
      const before = revisions[0] ?? revision;
      revisions = [revision, before];
      sql.keep.run(JSON.stringify(revisions));
      sql.dropMatches.run(revision, before);
    }
    const oldest = sql.oldest.get()?.revision;
    if (oldest !== undefined && !revisions.includes(oldest)) sql.dropFindings.run(oldest, mostAtOnce);
  };
}
