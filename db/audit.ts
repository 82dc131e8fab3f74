import { createHash } from 'node:crypto';
import type { AuditEntry, ExceptionStore } from '../core/ports/exceptions.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncAudit = Sync<
  Pick<ExceptionStore, 'addAudit' | 'audit' | 'brokenAudit' | 'exceptionsVersion'>
>;

/**
 * The audit log. SQLite refuses to change or delete its rows; the chain of hashes shows where somebody has gone round
 * that. What it cannot show is that the newest rows are gone: for that the last hash has to be kept elsewhere.
 */
export function auditOn(db: Sqlite): SyncAudit {
  const sql = {
    last: db.prepare<[], { id: number; hash: string }>('SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1'),
    add: db.prepare<AuditEntry>(
      `INSERT INTO audit (id, at, actor, action, subject, detail, hash)
       VALUES (@id, @at, @actor, @action, @subject, @detail, @hash)`,
    ),
    after: db.prepare<[number, number], AuditEntry>(
      'SELECT id, at, actor, action, subject, detail, hash FROM audit WHERE id > ? ORDER BY id LIMIT ?',
    ),
    all: db.prepare<[], AuditEntry>(
      'SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id',
    ),
    version: db.prepare<[], { id: number }>(
      `SELECT id FROM audit WHERE action IN ('granted', 'revoked') ORDER BY id DESC LIMIT 1`,
    ),
  };
  const addAudit = db.transaction((entry: Omit<AuditEntry, 'id' | 'hash'>): void => {
    const last = sql.last.get() ?? { id: 0, hash: '' };
    const row = { ...entry, id: last.id + 1 };
    sql.add.run({ ...row, hash: hashOf(last.hash, row) });
  });
  return {
    addAudit: (entry) => addAudit.immediate(entry),
    audit: (after, limit) => sql.after.all(after, limit),
    brokenAudit: () => {
      let before = { id: 0, hash: '' };
      for (const row of sql.all.iterate()) {
        if (row.id !== before.id + 1 || row.hash !== hashOf(before.hash, row)) return row.id;
        before = row;
      }
      return null;
    },
    exceptionsVersion: () => sql.version.get()?.id ?? 0,
  };
}

function hashOf(before: string, row: Omit<AuditEntry, 'hash'>): string {
  const { id, at, actor, action, subject, detail } = row;
  return createHash('sha256')
    .update(`${before}\n${JSON.stringify([id, at, actor, action, subject, detail])}`)
    .digest('hex');
}
