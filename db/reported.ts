import type { Digest } from '../core/digest.ts';
import type { Reported, ReportedFindings } from '../core/ports/reported.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `ReportedFindings`, answered at once. */
export type SyncReported = Sync<ReportedFindings>;

interface Row {
  readonly scanner: string;
  readonly said: Buffer;
}

export function reportedOn(db: Sqlite): SyncReported {
  const sql = {
    get: db.prepare<[Digest], Row>('SELECT scanner, said FROM reported WHERE digest = ?'),
    put: db.prepare<[Digest, string, Buffer]>(
      'INSERT OR REPLACE INTO reported (digest, scanner, said) VALUES (?, ?, ?)',
    ),
    keep: db.prepare<[string | null]>('DELETE FROM reported WHERE scanner IS NOT ?'),
  };
  return {
    putReported: (digest, { scanner, ...said }) => {
      sql.put.run(digest, scanner, packJson(said));
    },
    getReported: (digest) => {
      const row = sql.get.get(digest);
      if (row === undefined) return null;
      // Written above, never from outside the program.
      return { scanner: row.scanner, ...(unpackJson(row.said) as Omit<Reported, 'scanner'>) };
    },
    keepReported: (scanner) => {
      sql.keep.run(scanner);
    },
  };
}
