import type { CacheDesk, CacheOrder, CacheOutcome, CacheRecords, CacheRequest } from '../core/ports/cache.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

interface Row {
  readonly id: number;
  readonly request: string;
  readonly state: CacheRequest['state'];
  readonly outcome: string | null;
  readonly problem: string | null;
}

/** Orders that are kept, so that whoever has given one finds out what came of it. */
const kept = 100;

/** What a server does with orders. */
export function cacheRequestsOn(
  db: Sqlite,
): Sync<Pick<CacheRecords, 'nextCacheRequest' | 'resumeCacheRequests' | 'putCacheOutcome'>> {
  const sql = {
    next: db.prepare<[], Row>(
      `UPDATE cache_request SET state = 'running'
       WHERE id = (SELECT min(id) FROM cache_request WHERE state = 'asked')
       RETURNING id, request, state, outcome, problem`,
    ),
    resume: db.prepare(`UPDATE cache_request SET state = 'asked' WHERE state = 'running'`),
    put: db.prepare<[CacheRequest['state'], string | null, string | null, number]>(
      'UPDATE cache_request SET state = ?, outcome = ?, problem = ? WHERE id = ?',
    ),
    prune: db.prepare<[number]>(
      `DELETE FROM cache_request WHERE state IN ('done', 'failed') AND id <= ? - ${kept}`,
    ),
  };
  return {
    nextCacheRequest: () => requestOf(sql.next.get()),
    resumeCacheRequests: () => {
      sql.resume.run();
    },
    putCacheOutcome: (id, state, outcome, problem) => {
      sql.put.run(state, outcome === null ? null : JSON.stringify(outcome), problem, id);
      sql.prune.run(id);
    },
  };
}

/** What is asked beside a server. */
export function cacheOrdersOn(db: Sqlite): Sync<Pick<CacheDesk, 'askCache' | 'cacheRequest'>> {
  const sql = {
    ask: db.prepare<[string, string]>(
      `INSERT INTO cache_request (request, asked_at, state) VALUES (?, ?, 'asked')`,
    ),
    get: db.prepare<[number], Row>('SELECT * FROM cache_request WHERE id = ?'),
  };
  return {
    askCache: (order, at) => Number(sql.ask.run(JSON.stringify(order), at).lastInsertRowid),
    cacheRequest: (id) => requestOf(sql.get.get(id)),
  };
}

/** This program has written it. */
function requestOf(row: Row | undefined): CacheRequest | null {
  if (row === undefined) return null;
  return {
    id: row.id,
    order: JSON.parse(row.request) as CacheOrder,
    state: row.state,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as CacheOutcome),
    problem: row.problem,
  };
}
