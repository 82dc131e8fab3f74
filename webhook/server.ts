import { createServer, type Server } from 'node:https';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../core/ports/logger.ts';
import { type Admission, type AdmitPorts, admit } from './admission.ts';
import { type AdmissionRequest, formatReview, parseReview, timeToDecide } from './review.ts';
import { type AdmissionListeners, tell } from './telling.ts';
import { refusal } from './words.ts';

/** The API server keeps idle connections for 90 s and does not try a lost POST again (kubernetes #127335). */
const keepAlive = 120_000;
const longestBody = 4 * 1024 * 1024;
/** Reviews at once; each may hold a body. */
const mostReviews = 256;

export interface WebhookOptions extends AdmitPorts, AdmissionListeners {
  /** Name of the label whose value is the team that something belongs to. */
  readonly teamLabel: string;
  readonly logger: Logger;
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called once for each review that was answered. */
  readonly onReview?: (outcome: ReviewOutcome) => void;
  /** Why it should get no requests yet; an empty list means ready. */
  readonly notReady?: () => readonly string[];
}

export interface ReviewOutcome {
  readonly allowed: boolean;
  readonly kind: string;
  readonly namespace: string | null;
  readonly milliseconds: number;
}

/** The validating admission webhook: POST /validate, GET /healthz and /readyz. Does not listen yet. */
export function createWebhookServer(options: WebhookOptions): Server {
  const server = createServer(
    {
      ...options.tls,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
      keepAliveTimeout: keepAlive,
      headersTimeout: keepAlive + 5_000,
      requestTimeout: keepAlive + 10_000,
    },
    createApp(options),
  );
  server.maxConnections = 1000;
  return server;
}

function createApp(options: WebhookOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = options.notReady?.() ?? [];
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text')
      .send(reasons.length === 0 ? 'ok' : reasons.join('\n'));
  });
  app.post('/validate', boundReviews(), validate(options));
  app.all('/validate', (_request, response) => {
    response.status(405).set('Allow', 'POST').type('text').send('reviews are sent by POST');
  });
  app.use((_request, response) => {
    response.status(404).type('text').send('there are /validate, /healthz and /readyz');
  });
  app.use(answerError(options.logger));
  return app;
}

function boundReviews(): RequestHandler {
  let running = 0;
  return (_request, response, next) => {
    if (running >= mostReviews) {
      response.status(503).set('Retry-After', '1').type('text').send('too many reviews at once');
      return;
    }
    running += 1;
    response.once('close', () => {
      running -= 1;
    });
    next();
  };
}

function validate(options: WebhookOptions): RequestHandler {
  const readBody = express.raw({ type: 'application/json', limit: longestBody, inflate: false });
  return async (request, response) => {
    const started = options.now();
    await new Promise<void>((resolve, reject) => {
      readBody(request, response, (error: unknown) => (error === undefined ? resolve() : reject(error)));
    });
    const body: unknown = request.body;
    if (!Buffer.isBuffer(body)) {
      response.status(415).type('text').send('a review is application/json');
      return;
    }
    const { request: review, refused } = parseReview(body);
    if (review === null) {
      response.status(400).type('text').send(refused);
      return;
    }
    const { timeout } = request.query;
    const time = timeToDecide(typeof timeout === 'string' ? timeout : null) - (options.now() - started);
    const admission = await decideOrDeny(options, review, time);
    const { decision } = admission;
    const milliseconds = options.now() - started;
    options.logger.info(
      {
        kind: review.kind.kind,
        namespace: review.namespace,
        name: review.name,
        subResource: review.subResource,
        operation: review.operation,
        dryRun: review.dryRun,
        allowed: decision.allowed,
        message: decision.message,
        milliseconds,
      },
      'admission reviewed',
    );
    options.onReview?.({
      allowed: decision.allowed,
      kind: review.kind.kind,
      namespace: review.namespace,
      milliseconds,
    });
    response.json(formatReview(review.uid, decision));
    tell(options, review, admission, options.teamLabel, options.now());
  };
}

/** An error of our own is answered too: a failed request would be left to the cluster's failurePolicy. */
async function decideOrDeny(
  options: WebhookOptions,
  review: AdmissionRequest,
  time: number,
): Promise<Admission> {
  try {
    return await admit(options, review, time, options.now);
  } catch (error) {
    options.logger.error({ err: error, uid: review.uid }, 'admission review failed');
    const decision = refusal(['an error inside Pratique, see its log; try again']);
    return { decision, placed: [], asker: null };
  }
}

/** Everything that is not a review's answer: bodies that are too long, broken off, or encoded. */
function answerError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status === 500) logger.error({ err: error }, 'webhook request failed');
    const texts = new Map([
      [413, 'a review has at most 4 MiB'],
      [415, 'a review is application/json without Content-Encoding'],
    ]);
    response
      .status(status)
      .type('text')
      .send(
        texts.get(status) ??
          (status === 500 ? 'an error inside Pratique, see its log' : 'this request cannot be read'),
      );
  };
}

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
