import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { isPratiqueError } from '../core/errors.ts';
import type { PullProgress } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import { answeredAlike } from './answered-alike.ts';
import type { ReplicaSeen } from './gates/replicas.ts';
import { AtOnce, heavyReads } from './management/at-once.ts';
import { type ChangeStore, changeRoutes } from './management/changes.ts';
import { knownHosts } from './management/hosts.ts';
import { type PolicyPlaces, policyRoutes } from './management/policy.ts';
import { type Reports, reportRoutes } from './management/reports.ts';
import { type RunningPlaces, runningRoutes } from './management/running.ts';
import { type VerdictPlaces, verdictRoutes } from './management/verdicts.ts';
import { openApi } from './openapi.ts';

/** What the management API tells of the running process. */
export interface ServerStatus {
  readonly version: string;
  readonly ready: boolean;
  /** Why not, each a sentence. */
  readonly notReady: readonly string[];
  readonly advisories: {
    readonly revision: string | null;
    readonly updatedAt: string | null;
    /** Feeds that could not be renewed: what was known of them stays in force, and grows old. */
    readonly problems: readonly { readonly feed: string; readonly why: string; readonly since: string }[];
  };
  readonly policy: {
    readonly name: string;
    readonly revision: string;
    /** Why what lies in the files is not in force; null: it is. */
    readonly problem: string | null;
    /** What of it can never hold with this configuration, each a sentence. */
    readonly remarks: readonly string[];
  };
  readonly vettings: number;
  /** Recorded images that are judged again, because what they are judged by has changed. */
  readonly reevaluation: {
    readonly running: boolean;
    readonly done: number;
    readonly total: number;
    /** `matching`, `changed` (those whose findings are others), `others`; null: nothing runs. */
    readonly phase: string | null;
    /** ISO 8601. */
    readonly startedAt: string | null;
  };
  /** Gates that run on their own and follow this one. */
  readonly replicas: readonly ReplicaSeen[];
}

/** Which advisories the recorded findings are right for. */
export interface FindingsStatus {
  /** null: nothing was found yet. */
  readonly revision: string | null;
  /** False: gates match what they are asked for by themselves, until all is right. */
  readonly current: boolean;
}

export interface ManagementContext extends VerdictPlaces, PolicyPlaces {
  readonly verdicts: VerdictPlaces['verdicts'] & ChangeStore;
  readonly reports: Reports;
  /** Hosts by which this server may be asked, beside addresses and `localhost`. */
  readonly names: readonly string[];
  readonly status: () => ServerStatus;
  readonly findings: () => Promise<{ readonly revision: string } | null>;
  /** Inspections under way, the longest first. */
  readonly pulls: () => readonly PullProgress[];
  readonly running: RunningPlaces;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly logger: Logger;
}

/**
 * Health, metrics and read access to verdicts, changes, policy, exceptions and reports. Changes nothing; listens on
 * loopback unless told otherwise.
 */
export function createManagement(context: ManagementContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use((_request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(knownHosts(context.names));

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
  app.get('/api/v1/status', async (_request, response) => {
    const recorded = await context.findings();
    const status = context.status();
    const revision = recorded?.revision ?? null;
    const findings: FindingsStatus = {
      revision,
      current: revision === status.advisories.revision,
    };
    response.json({ ...status, findings });
  });
  app.get('/api/v1/pulls', (_request, response) => {
    response.json({ pulls: context.pulls() });
  });
  const reads = new AtOnce(heavyReads);
  verdictRoutes(app, context, reads);
  changeRoutes(app, context.verdicts, reads);
  policyRoutes(app, context);
  reportRoutes(app, context.reports);
  runningRoutes(app, context.running);

  app.use((request, response) => {
    response
      .status(404)
      .json({ error: `there is no ${request.method} ${request.path}; see /api/openapi.json` });
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (answeredAlike(error, response, next)) return;
    // Express cannot decode the path (RFC 3986 section 2.1).
    if (error instanceof URIError) {
      response.status(400).json({ error: 'this path cannot be read: after a % two hex digits are expected' });
      return;
    }
    context.logger.error({ url: request.url, err: error }, 'management request failed');
    const message = isPratiqueError(error) ? error.message : 'internal error, see the log';
    response.status(500).json({ error: message });
  });
  return app;
}
