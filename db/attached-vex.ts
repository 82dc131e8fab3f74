import type { Digest } from '../core/digest.ts';
import { type AttachedVexStore, mostAttachingRepositories } from '../core/ports/attached-vex.ts';
import type { AttachedDocument } from '../core/vex.ts';
import { packJson, unpackJson } from './packed-json.ts';
import { openReadOnly, requireSchema, type Sqlite } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';
import type { Sync } from './sync.ts';

/** The operations of `AttachedVexStore`, answered at once. */
export type SyncAttachedVex = Sync<AttachedVexStore>;

interface Row {
  readonly repository: string;
  readonly looked_at: string;
  readonly problem: string | null;
  readonly documents: Buffer;
}

export function attachedVexOn(db: Sqlite): SyncAttachedVex {
  const sql = {
    of: db.prepare<[Digest, number], Row>(
      `SELECT repository, looked_at, problem, documents FROM attached_vex
       WHERE digest = ? ORDER BY repository LIMIT ?`,
    ),
    put: db.prepare<[Digest, string, string, string | null, Buffer]>(
      `INSERT OR REPLACE INTO attached_vex (digest, repository, looked_at, problem, documents)
       VALUES (?, ?, ?, ?, ?)`,
    ),
  };
  return {
    attachedVex: (digest) => {
      const rows = sql.of.all(digest, mostAttachingRepositories + 1);
      // The latest word may be in any of them: that of some is worth nothing.
      const isCrowded = rows.length > mostAttachingRepositories;
      return rows.map(({ repository, looked_at, problem, documents }) => ({
        repository,
        lookedAt: looked_at,
        problem: isCrowded
          ? `more than ${mostAttachingRepositories} repositories hold the image: none counts`
          : problem,
        // Written below, never from outside the program.
        documents: isCrowded ? [] : (unpackJson(documents) as readonly AttachedDocument[]),
      }));
    },
    putAttachedVex: (digest, { repository, lookedAt, problem, documents }) => {
      sql.put.run(digest, repository, lookedAt, problem, packJson(documents));
    },
  };
}

/**
 * For a thread that only reads, beside the one that writes.
 * @throws PratiqueError `data-unusable`
 */
export function openAttachedVex(file: string): Pick<SyncAttachedVex, 'attachedVex'> & { close(): void } {
  const db = openReadOnly(file);
  try {
    requireSchema(db, file, stateSchema);
    const { attachedVex } = attachedVexOn(db);
    return {
      attachedVex,
      close: () => {
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
