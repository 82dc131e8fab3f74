import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { isPratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { negotiate, parseContentType } from './accept.ts';
import { type AdapterAuthentication, apiKeyHeader, challenge, isAuthentic } from './authentication.ts';
import type { ScanEngine } from './jobs.ts';
import { metadataTypes, scanRequestType, scanResponseType } from './media-types.ts';
import { type AdvisoriesAge, type MetadataInput, metadata } from './metadata.ts';
import { isRefusal, type Refusal, refusal } from './refusal.ts';
import { answerReport } from './report-answer.ts';
import { sendJson, sendRefusal } from './respond.ts';
import { parseScanRequest } from './scan-request.ts';

export interface HarborAdapterOptions extends Omit<MetadataInput, 'advisories'> {
  readonly engine: Pick<ScanEngine, 'accept' | 'status' | 'shelf'>;
  readonly authentication: AdapterAuthentication;
  /** Hosts of the registries that scans may name, with a port where it is not the scheme's own; null: any. */
  readonly registries: readonly string[] | null;
  readonly advisories: () => AdvisoriesAge;
  readonly logger: Logger;
}

const base = '/api/v1';
/** Bytes. Harbor's requests have about one thousand. */
const longestBody = 64 * 1024;

/** Harbor's pluggable scanner API, v1.0 to v1.2, below `/api/v1`. Every error is JSON: Harbor shows nothing else. */
export function createHarborAdapter(options: HarborAdapterOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use(authenticate(options.authentication));
  app.get(`${base}/metadata`, (request, response) => {
    const type = negotiate(request.get('accept'), metadataTypes) ?? metadataTypes[0];
    sendJson(response, 200, type, metadata({ ...options, advisories: options.advisories() }));
  });
  app.post(`${base}/scan`, readBody(), acceptScan(options));
  app.get(`${base}/scan/:id/report`, answerReport(options));
  for (const [path, method] of [
    [`${base}/metadata`, 'GET'],
    [`${base}/scan`, 'POST'],
    [`${base}/scan/:id/report`, 'GET'],
  ] as const) {
    app.all(path, (request, response) => {
      sendRefusal(
        response,
        refusal(405, `${request.method} is not answered here: use ${method}`, { Allow: method }),
      );
    });
  }
  app.use((_request, response) => {
    sendRefusal(
      response,
      refusal(404, `there are ${base}/metadata, ${base}/scan and ${base}/scan/{id}/report`),
    );
  });
  app.use(answerError(options.logger));
  return app;
}

function authenticate(demanded: AdapterAuthentication): RequestHandler {
  return (request, response, next) => {
    const presented = { authorization: request.get('authorization'), apiKey: request.get(apiKeyHeader) };
    if (isAuthentic(demanded, presented)) {
      next();
      return;
    }
    sendRefusal(
      response,
      refusal(
        401,
        'the credentials of this scanner are missing or wrong: set them in Harbor, where the scanner is registered',
        {
          'WWW-Authenticate': challenge(demanded),
          // Connections are kept for long, for those who may ask.
          Connection: 'close',
        },
      ),
    );
  };
}

/** Strict clients send the API's own type, others `application/json`, some none. A browser's form sends neither. */
function readBody(): RequestHandler {
  const read = express.raw({ type: () => true, limit: longestBody, inflate: false });
  return (request, response, next) => {
    const header = request.get('content-type');
    const wrong = header === undefined ? null : refuseContentType(header);
    if (wrong !== null) {
      sendRefusal(response, wrong);
      return;
    }
    read(request, response, next);
  };
}

function refuseContentType(header: string): Refusal | null {
  const type = parseContentType(header);
  const known = type?.name === scanRequestType || type?.name === 'application/json';
  if (type === null || !known) {
    return refusal(400, `the body's Content-Type is not ${scanRequestType}; version=1.0 or 1.1`);
  }
  if (type.charset !== null && type.charset !== 'utf-8' && type.charset !== 'utf8') {
    return refusal(400, 'the body has to be UTF-8');
  }
  return type.version === null || /^1\.\d{1,3}$/.test(type.version)
    ? null
    : refusal(400, 'this scanner speaks versions 1.0 to 1.2 of the scanner API');
}

function acceptScan({ engine, registries, sbom }: HarborAdapterOptions): RequestHandler {
  return async (request, response) => {
    const body: unknown = request.body;
    const scan = parseScanRequest(Buffer.isBuffer(body) ? body : Buffer.alloc(0), { registries, sbom });
    if (isRefusal(scan)) {
      sendRefusal(response, scan);
      return;
    }
    sendJson(response, 202, scanResponseType, { id: await engine.accept(scan) });
  };
}

/** Everything that went wrong on the way, and bodies that are too long, broken off, or encoded. */
function answerError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    sendRefusal(response, refusalOf(error, request, logger));
  };
}

function refusalOf(error: unknown, request: Request, logger: Logger): Refusal {
  if (isPratiqueError(error) && error.code === 'queue-full') {
    // The API knows no 503; Harbor takes every answer but 202 for a failed scan.
    return refusal(500, error.message, { 'Retry-After': '60' });
  }
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  if (status === 413) return refusal(400, `a scan request has at most ${longestBody / 1024} KiB`);
  if (status === 415) return refusal(400, 'a scan request has no Content-Encoding');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return refusal(400, 'this request cannot be read');
  }
  logger.error({ err: error, method: request.method, path: request.path }, 'scanner adapter request failed');
  return refusal(500, 'an error inside Pratique, see its log; scan the image again');
}
