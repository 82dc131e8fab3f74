import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import { answeredAlike } from '../answered-alike.ts';
import { changeRoute } from './changes.ts';
import type { GatesContext } from './context.ts';
import { eventRoute } from './events.ts';
import { groundRoute, imageRoute } from './ground.ts';
import { clusterOf, setIdentity } from './locals.ts';
import { runningRoute } from './running.ts';
import { vetRoute } from './vet.ts';

/** What other gates of Pratique ask and tell: `/gates/v1/…`. Nothing is told to anybody else but `/healthz`. */
export function createGates(context: GatesContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Nobody asks for the same page twice.
  app.set('etag', false);
  app.use((request, response, next) => {
    const started = performance.now();
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    response.once('close', () => {
      context.onAnswer({
        route: routeOf(request),
        // Nobody has got an answer that was not complete.
        status: response.writableFinished ? response.statusCode : 499,
        cluster: clusterOf(response),
        milliseconds: performance.now() - started,
      });
    });
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use((request, response, next) => {
    const identity = context.identify(request);
    if (typeof identity !== 'string') {
      setIdentity(response, identity);
      next();
      return;
    }
    // What it would send is not read.
    response.status(401).set({ 'WWW-Authenticate': 'Bearer', Connection: 'close' }).json({ error: identity });
  });
  groundRoute(app, context);
  changeRoute(app, context);
  imageRoute(app, context);
  vetRoute(app, context);
  runningRoute(app, context);
  eventRoute(app, context);
  app.use((request, response) => {
    response.status(404).json({ error: `there is no ${request.method} ${request.path} here` });
  });
  app.use(failed(context));
  return app;
}

const routes: ReadonlySet<string> = new Set(
  ['ground', 'changes', 'images', 'vet', 'running', 'events'].map((name) => `/gates/v1/${name}`),
);

/** For a label: paths from outside may be anything. */
function routeOf({ path }: Request): string {
  return routes.has(path) || path === '/healthz' ? path : 'other';
}

/** Body parsers say what is wrong by a status of 4xx. */
function statusOf(error: unknown): number | null {
  const status: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'status') : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

function failed({ logger }: GatesContext): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (answeredAlike(error, response, next)) return;
    const status = error instanceof URIError ? 400 : statusOf(error);
    if (status !== null) {
      const why = status === 413 ? 'the body is too large' : 'the request cannot be read as JSON over HTTP';
      response.status(status).set('Connection', 'close').json({ error: why });
      return;
    }
    logger.error({ route: routeOf(request), err: error }, 'a request of a gate failed');
    response.status(500).json({ error: 'internal error, see the log' });
  };
}
