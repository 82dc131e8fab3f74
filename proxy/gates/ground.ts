import type { Router } from 'express';
import { queryNumber, queryText } from '../management/query.ts';
import type { GatesContext } from './context.ts';
import { gone } from './gone.ts';

const usualImages = 200;
const mostImages = 1000;

/** What verdicts are acted on by. */
export function groundRoute(router: Router, { ground }: GatesContext): void {
  router.get('/gates/v1/ground', (_request, response) => {
    response.json(ground());
  });
}

/** Which images repositories hold, and what they come to. */
export function imageRoute(router: Router, { images }: GatesContext): void {
  router.get('/gates/v1/images', async (request, response) => {
    const cursor = queryNumber(request, 'after', 0, Number.MAX_SAFE_INTEGER);
    const limit = Math.max(1, queryNumber(request, 'limit', usualImages, mostImages));
    const page = await images({ records: queryText(request, 'records'), cursor }, limit);
    if (page === 'gone') gone(response);
    else response.json(page);
  });
}
