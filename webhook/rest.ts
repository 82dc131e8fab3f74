import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Logger } from '../core/ports/logger.ts';
import type { Door } from './door.ts';

/** What is not a POST to a door: health, and what is asked wrongly. */
export function restApp(options: {
  readonly doors: readonly Door[];
  readonly logger: Logger;
  /** Why it should get no requests yet; an empty list means ready. */
  readonly notReady: () => readonly string[];
  /** What is wrong all the same, each a sentence. */
  readonly troubles: () => readonly string[];
}): Express {
  const { doors, logger, notReady, troubles } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = notReady();
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text')
      .send((reasons.length === 0 ? ['ok', ...troubles()] : reasons).join('\n'));
  });
  for (const { path, takes } of doors) {
    app.all(path, (_request, response) => {
      response.status(405).set('Allow', 'POST').type('text').send(`${takes} is sent by POST`);
    });
  }
  const paths = [...doors.map(({ path }) => path), '/healthz', '/readyz'];
  app.use((_request, response) => {
    response
      .status(404)
      .type('text')
      .send(`there are ${paths.join(', ')}`);
  });
  app.use(answerError(logger));
  return app;
}

function answerError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status === 500) logger.error({ err: error }, 'webhook request failed');
    response
      .status(status)
      .type('text')
      .send(status === 500 ? 'an error inside Pratique, see its log' : 'this request cannot be read');
  };
}

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
