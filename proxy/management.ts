import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { parseDigest } from '../core/digest.ts';
import { isPratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import { openApi } from './openapi.ts';

/** What the management API tells of the running process. */
export interface ServerStatus {
  readonly version: string;
  readonly ready: boolean;
  /** Why not, each a sentence. */
  readonly notReady: readonly string[];
  readonly advisories: { readonly revision: string | null; readonly updatedAt: string | null };
  readonly policy: { readonly name: string; readonly revision: string };
  readonly vettings: number;
}

export interface ManagementContext {
  readonly records: Records;
  readonly status: () => ServerStatus;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly logger: Logger;
  /** Analyzers whose inventories are shown. */
  readonly analyzers: string;
}

/** Most verdicts that one answer lists. */
const mostListed = 1000;

/** Health, metrics and read access to verdicts. Changes nothing; listens on loopback unless told otherwise. */
export function createManagement(context: ManagementContext): Express {
  const app = express();
  app.disable('x-powered-by');

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', (_request, response) => {
    const { ready, notReady } = context.status();
    response.status(ready ? 200 : 503).json({ ready, reasons: notReady });
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await context.metrics();
    response.type(contentType).send(text);
  });
  app.get('/api/openapi.json', (_request, response) => {
    response.json(openApi);
  });
  app.get('/api/v1/status', (_request, response) => {
    response.json(context.status());
  });
  app.get('/api/v1/verdicts', async (_request, response) => {
    response.json({ verdicts: await context.records.listVerdicts(mostListed) });
  });
  app.get('/api/v1/verdicts/:digest', async (request, response) => {
    const digest = parseDigest(request.params.digest);
    if (digest === null) {
      response
        .status(400)
        .json({ error: `"${request.params.digest}" is not a digest: sha256:<64 hex digits>` });
      return;
    }
    const verdict = await context.records.getVerdict(digest);
    if (verdict === null) {
      response.status(404).json({ error: `nothing is known of ${digest}: pull it through the proxy first` });
      return;
    }
    const match = await context.records.getMatch(digest, verdict.advisoriesRevision);
    response.json({
      digest,
      images: await context.records.imagesOf(digest),
      verdict,
      findings: match?.findings ?? [],
      inventory: await context.records.getInventory(digest, context.analyzers),
    });
  });

  app.use((request, response) => {
    response
      .status(404)
      .json({ error: `there is no ${request.method} ${request.path}; see /api/openapi.json` });
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    context.logger.error({ url: request.url, err: error }, 'management request failed');
    const message = isPratiqueError(error) ? error.message : 'internal error, see the log';
    response.status(500).json({ error: message });
  });
  return app;
}
