import type { Response, Router } from 'express';
import { Places } from '../../core/places.ts';
import type { StandingPage } from '../../core/ports/gate-stream.ts';
import { type ReplicaPage, replicaSchemaVersion } from '../../core/replica.ts';
import { ChangeFeed } from '../management/change-feed.ts';
import { busy, queryNumber, queryText } from '../management/query.ts';
import type { GatesContext } from './context.ts';
import { gone } from './gone.ts';
import { identityOf } from './locals.ts';
import { nameOfReplica } from './replicas.ts';

const usualVerdicts = 500;
const mostVerdicts = 2000;
/** Seconds. */
const longestWait = 30;
/** Replicas that wait for a change. */
const mostWaiters = 512;
/** Pages that are made or written at once; each may have megabytes. */
const mostPages = 8;

/** What stands of whatever has changed since a cursor; from 0 that is everything. */
export function changeRoute(router: Router, context: GatesContext): void {
  const { stream, ground, replicas } = context;
  const feed = new ChangeFeed({ lastCursor: context.lastCursor }, { mostWaiters });
  const pages = new Places(mostPages);
  const waiters = new Places(mostWaiters);

  router.get('/gates/v1/changes', async (request, response) => {
    const cursor = queryNumber(request, 'after', 0, Number.MAX_SAFE_INTEGER);
    const place = { records: queryText(request, 'records'), cursor };
    const known = queryText(request, 'ground');
    const limit = Math.max(1, queryNumber(request, 'limit', usualVerdicts, mostVerdicts));
    const wait = queryNumber(request, 'wait', 0, longestWait);
    const { cluster } = identityOf(response);
    if (!pages.enter(cluster)) {
      busy(response, 'too many such answers are being made already: ask again in a few seconds');
      return;
    }
    let held = true;
    const release = (): void => {
      if (held) pages.leave(cluster);
      held = false;
    };
    response.once('close', release);
    const isOther = (): boolean => known !== null && known !== ground().revision;
    let page = await stream.standingAfter(place, limit);
    if (page !== 'gone') {
      const name = nameOfReplica(request.get('Pratique-Replica'), request.socket.remoteAddress);
      replicas.asked(cluster, name, cursor, page.last);
    }
    if (page !== 'gone' && wait > 0 && cursor === page.last && !isOther()) {
      release();
      if (feed.full || !waiters.enter(cluster)) {
        busy(response, 'too many wait for changes already: ask again later');
        return;
      }
      try {
        await feed.wait(cursor, wait * 1000, goneSignal(response), isOther);
      } finally {
        waiters.leave(cluster);
      }
      if (response.destroyed) return;
      // What has come since is little: it needs no turn.
      page = await stream.standingAfter(place, limit);
    }
    if (page === 'gone') gone(response);
    else response.type('json').send(textOf(page, ground().revision));
  });
}

/** The verdicts are JSON already. */
function textOf({ records, verdicts, forgotten, cursor, last }: StandingPage, ground: string): string {
  const head: Omit<ReplicaPage, 'verdicts'> = {
    schemaVersion: replicaSchemaVersion,
    records,
    ground,
    forgotten,
    cursor,
    last,
  };
  return `${JSON.stringify(head).slice(0, -1)},"verdicts":${verdicts}}`;
}

function goneSignal(response: Response): AbortSignal {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  return leaving.signal;
}
