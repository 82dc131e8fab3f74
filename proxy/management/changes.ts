import type { Request, Response, Router } from 'express';
import { type Change, type ChangePage, changeSchemaVersion } from '../../core/change.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { AtOnce } from './at-once.ts';
import { ChangeFeed } from './change-feed.ts';
import { busy, digestOf, invalid, queryFlag, queryNumber, queryText } from './query.ts';

export type ChangeStore = Pick<VerdictStore, 'changesAfter' | 'lastCursor' | 'history' | 'getVerdict'>;

const usualChanges = 100;
const mostChanges = 1000;
/** With verdicts an answer is some ten times as long. */
const mostWithVerdicts = 200;
/** Seconds. */
const longestWait = 30;

/** The change stream, and what has become of one image or policy. */
export function changeRoutes(
  router: Router,
  store: ChangeStore,
  reads: AtOnce,
  feed = new ChangeFeed(store),
): void {
  router.get('/api/v1/changes', async (request, response) => {
    const withVerdicts = queryFlag(request, 'verdicts');
    const after = queryNumber(request, 'after', 0, Number.MAX_SAFE_INTEGER);
    const most = withVerdicts ? mostWithVerdicts : mostChanges;
    const limit = Math.max(1, queryNumber(request, 'limit', usualChanges, most));
    const wait = queryNumber(request, 'wait', 0, longestWait);
    let last = await store.lastCursor();
    if (after > last) {
      response.status(410).json({
        schemaVersion: changeSchemaVersion,
        error: `there is no change ${after}, the last one is ${last}: the records are not those that this cursor comes from. Forget what was read before, and start again with after=0: the newest change of every image is kept`,
        cursor: 0,
      });
      return;
    }
    if (after === last && wait > 0) {
      if (feed.full) {
        busy(response, 'too many wait for changes already: ask again later, or with wait=0');
        return;
      }
      await feed.wait(after, wait * 1000, goneSignal(response));
      if (response.destroyed) return;
      last = await store.lastCursor();
    }
    const changes = await store.changesAfter(after, limit);
    const page: ChangePage = {
      schemaVersion: changeSchemaVersion,
      changes: withVerdicts ? await addVerdicts(store, changes) : changes,
      // What was taken out of the log counts as read: whoever waits after it would otherwise be answered at once.
      cursor:
        changes.length < limit
          ? Math.max(last, changes.at(-1)?.cursor ?? after)
          : (changes.at(-1)?.cursor ?? after),
    };
    response.json(page);
  });

  router.get(
    '/api/v1/history',
    reads.hold(async (request, response) => {
      const digest = queryText(request, 'digest');
      const limit = Math.max(1, queryNumber(request, 'limit', usualChanges, mostChanges));
      const changes = await store.history({
        digest: digest === null ? null : digestOf(digest),
        policy: queryText(request, 'policy'),
        from: timeOf(request),
        limit: limit + 1,
      });
      response.json({
        schemaVersion: changeSchemaVersion,
        changes: changes.slice(0, limit),
        complete: changes.length <= limit,
      });
    }),
  );
}

/** What stands by now, which may be newer than the change that is told. */
async function addVerdicts(store: ChangeStore, changes: readonly Change[]): Promise<ChangePage['changes']> {
  const standing = new Map<string, Promise<Verdict | null>>();
  return Promise.all(
    changes.map(async (change) => {
      if (change.kind !== 'verdict' && change.kind !== 'renewal') return change;
      const key = `${change.digest} ${change.policy}`;
      const verdict = standing.get(key) ?? store.getVerdict(change.digest, change.policy);
      standing.set(key, verdict);
      return { ...change, verdict: await verdict };
    }),
  );
}

/** Date.parse takes 30 February for 1 March. */
function timeOf(request: Request): string | null {
  const text = queryText(request, 'from');
  if (text === null) return null;
  const at = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,15}Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  const time = Number.isNaN(at) ? null : new Date(at).toISOString();
  if (time?.slice(0, 10) !== text.slice(0, 10))
    throw invalid('"from" is not a day (2026-11-24) or a time in UTC (2026-11-24T10:00:00Z)');
  return time;
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
