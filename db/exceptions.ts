import { PratiqueError } from '../core/errors.ts';
import type { GrantedException } from '../core/exception.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import { auditOn } from './audit.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `ExceptionStore`, answered at once. */
export type SyncExceptions = Sync<ExceptionStore>;

interface Row {
  /** JSON of the exception but for `revoked`. */
  readonly exception: string;
  /** JSON of `revoked`; null: it is not. */
  readonly revoked: string | null;
}

/** What was granted, with the log of it. A row is never deleted, and the grant itself never changed. */
export function exceptionsOn(db: Sqlite): SyncExceptions {
  const log = auditOn(db);
  const sql = {
    all: db.prepare<[], Row>('SELECT exception, revoked FROM exception ORDER BY rowid'),
    holding: db.prepare<[number], Row>(
      'SELECT exception, revoked FROM exception WHERE revoked IS NULL AND ends_at > ? ORDER BY rowid',
    ),
    get: db.prepare<[string, number], Row>(
      'SELECT exception, revoked FROM exception WHERE id = ? AND revoked IS NULL AND ends_at > ?',
    ),
    add: db.prepare<[string, number, string]>(
      'INSERT INTO exception (id, ends_at, exception) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    revoke: db.prepare<[string, string]>('UPDATE exception SET revoked = ? WHERE id = ?'),
    /** Exceptions that are not what the log says of them; 0: it says nothing of one. */
    other: db.prepare<[], { line: number }>(
      `SELECT coalesce(granted.id, 0) AS line FROM exception
         LEFT JOIN audit AS granted ON granted.action = 'granted' AND granted.subject = exception.id
         LEFT JOIN audit AS revoked ON revoked.action = 'revoked' AND revoked.subject = exception.id
       WHERE granted.detail IS NOT exception.exception
          OR json_extract(exception.exception, '$.endsAt') IS NOT exception.ends_at
          OR (revoked.id IS NULL) <> (exception.revoked IS NULL)
       ORDER BY line LIMIT 1`,
    ),
  };
  const addException = db.transaction(({ revoked: _, ...exception }: GrantedException): void => {
    const detail = JSON.stringify(exception);
    const { id, author, grantedAt } = exception;
    if (sql.add.run(id, exception.endsAt, detail).changes === 0) throw taken(id);
    log.addAudit({ at: grantedAt, actor: author, action: 'granted', subject: id, detail });
  });
  const revokeException = db.transaction((id: string, by: string, reason: string, at: string): boolean => {
    const row = sql.get.get(id, Date.parse(at));
    if (row === undefined) return false;
    const revoked = JSON.stringify({ at, by, reason });
    sql.revoke.run(revoked, id);
    const detail = JSON.stringify(exceptionOf({ ...row, revoked }));
    log.addAudit({ at, actor: by, action: 'revoked', subject: id, detail });
    return true;
  });
  return {
    ...log,
    brokenAudit: () => log.brokenAudit() ?? sql.other.get()?.line ?? null,
    listExceptions: (at) => {
      const rows = at === null ? sql.all.all() : sql.holding.all(Date.parse(at));
      return rows.map(exceptionOf);
    },
    addException: (exception) => addException.immediate(exception),
    revokeException: (id, by, reason, at) => revokeException.immediate(id, by, reason, at),
  };
}

function taken(id: string): PratiqueError {
  return new PratiqueError('usage-invalid', `there is an exception ${id} already: take another id`, { id });
}

/** What this program wrote. */
function exceptionOf({ exception, revoked }: Row): GrantedException {
  return {
    ...(JSON.parse(exception) as Omit<GrantedException, 'revoked'>),
    revoked: revoked === null ? null : (JSON.parse(revoked) as GrantedException['revoked']),
  };
}
