import type { Router } from 'express';
import { queryNumber } from './query.ts';

/** What runs in the cluster that this process looks after, and what is said of it; null: nobody has asked for that. */
export type RunningPlaces = (limit: number) => object | null;

const usualRows = 100;
const mostRows = 5000;

export function runningRoutes(router: Router, running: RunningPlaces): void {
  router.get('/api/v1/running', (request, response) => {
    const seen = running(queryNumber(request, 'limit', usualRows, mostRows));
    if (seen === null) {
      response
        .status(404)
        .json({ error: 'this process looks after no cluster: webhook.running is not configured' });
      return;
    }
    response.json({ schemaVersion: 1, ...seen });
  });
}
