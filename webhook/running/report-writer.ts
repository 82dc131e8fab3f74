import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ClusterAnswer, ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import type { Wait } from '../cluster/wait.ts';
import {
  contentKey,
  type Judged,
  managedBy,
  type NamespaceReport,
  type ReportKind,
  reportApis,
  reportName,
  reportOf,
} from './policy-report.ts';

/** Milliseconds between two looks at which reports are others. */
const between = 15_000;
/**
 * Milliseconds between two tries after a failure: the first, doubled each time, up to the longest. A kind that is there only since a
 * moment ago is refused for a second ("storage is (re)initializing"); one that nobody has made, or a missing right, stays for long.
 */
const shortestWait = 5000;
const longestWait = 300_000;
const pageSize = 500;
/** Reports of one look; the others wait for the next one. */
const mostWrites = 200;
/** Failures of one look: more of them are nothing of one namespace. */
const mostFailures = 5;

export interface ReportWriterOptions {
  readonly client: ClusterClient;
  readonly kind: ReportKind;
  /** Another one where what runs or what is said of it may be another. */
  readonly version: () => number;
  /** What runs, by namespace; null: it is not known, and reports stay as they are. */
  readonly judged: () => ReadonlyMap<string, readonly Judged[]> | null;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const list = z.object({
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        annotations: z.record(z.string(), z.string()).nullish(),
      }),
    }),
  ),
});

/**
 * Keeps one report in each namespace where something runs, until the signal: written where its content is another,
 * deleted where nothing runs any more. Never throws. Where the cluster does not know the kind, that is told once, and looked
 * for again from time to time.
 */
export async function writeReports(options: ReportWriterOptions): Promise<void> {
  const { signal, wait, kind, logger } = options;
  let written: Map<string, string> | null = null;
  let told: string | null = null;
  let version: number | null = null;
  let failures = 0;
  while (!signal.aborted) {
    let milliseconds = between;
    try {
      written ??= await readWritten(options);
      const now = options.version();
      if (now !== version && (await writeOnce(options, written))) version = now;
      told = null;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      written = null;
      version = null;
      milliseconds = Math.min(shortestWait * 2 ** failures, longestWait);
      failures = Math.min(failures + 1, 10);
      const message = error instanceof Error ? error.message : String(error);
      if (told !== message) logger.warn({ err: error, kind }, 'reports on running images are not written');
      told = message;
    }
    await wait(milliseconds, signal);
  }
}

/**
 * One namespace that fails keeps no other from being written.
 * @param written content by namespace, as it is in the cluster
 * @returns whether that was all
 * @throws the first failure
 */
async function writeOnce(options: ReportWriterOptions, written: Map<string, string>): Promise<boolean> {
  const judged = options.judged();
  if (judged === null) return false;
  const changes: (() => Promise<void>)[] = [];
  for (const [namespace, found] of judged) {
    const report = reportOf(options.kind, namespace, found);
    if (report === null || written.get(namespace) === report.content) continue;
    changes.push(async () => {
      if (await apply(options, namespace, report)) written.set(namespace, report.content);
    });
  }
  for (const namespace of written.keys()) {
    if (judged.has(namespace)) continue;
    changes.push(async () => {
      await remove(options, namespace);
      written.delete(namespace);
    });
  }
  const failures: unknown[] = [];
  for (const change of changes.slice(0, mostWrites)) {
    if (options.signal.aborted) return false;
    try {
      await change();
    } catch (error) {
      failures.push(error);
      if (failures.length >= mostFailures) break;
    }
  }
  if (failures.length > 0) throw failures[0];
  return changes.length <= mostWrites;
}

/** Reports of an earlier process, or of another replica. */
async function readWritten(options: ReportWriterOptions): Promise<Map<string, string>> {
  const { client, kind, signal } = options;
  const { apiVersion, plural } = reportApis[kind];
  const written = new Map<string, string>();
  let after = '';
  do {
    const answer = await client.call({
      method: 'GET',
      path: `/apis/${apiVersion}/${plural}`,
      query: {
        labelSelector: `${managedBy}=${reportName}`,
        limit: String(pageSize),
        ...(after === '' ? {} : { continue: after }),
      },
      signal,
    });
    if (answer.status !== 200) throw refused(answer, kind, 'list');
    const parsed = list.safeParse(answer.body);
    if (!parsed.success)
      throw new PratiqueError('upstream-misbehaved', `the API server gave no list of ${plural}`, {});
    for (const { metadata } of parsed.data.items) {
      if (metadata.name === reportName)
        written.set(metadata.namespace, metadata.annotations?.[contentKey] ?? '');
    }
    after = parsed.data.metadata?.continue ?? '';
  } while (after !== '');
  return written;
}

/** @returns whether it is written; false: its namespace is going away */
async function apply(
  { client, kind, signal }: ReportWriterOptions,
  namespace: string,
  { object }: NamespaceReport,
): Promise<boolean> {
  const answer = await client.call({
    method: 'PATCH',
    path: pathOf(kind, namespace),
    // What somebody else has changed of it is ours again (server-side apply).
    query: { fieldManager: reportName, force: 'true' },
    type: 'application/apply-patch+yaml',
    body: object,
    signal,
  });
  if (answer.status < 400) return true;
  if (answer.status === 403 && JSON.stringify(answer.body).includes('being terminated')) return false;
  if (answer.status === 404 && JSON.stringify(answer.body).includes('namespaces')) return false;
  throw refused(answer, kind, 'write');
}

async function remove({ client, kind, signal }: ReportWriterOptions, namespace: string): Promise<void> {
  const answer = await client.call({ method: 'DELETE', path: pathOf(kind, namespace), signal });
  if (answer.status >= 400 && answer.status !== 404) throw refused(answer, kind, 'delete');
}

function pathOf(kind: ReportKind, namespace: string): string {
  const { apiVersion, plural } = reportApis[kind];
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}/${reportName}`;
}

function refused(answer: ClusterAnswer, kind: ReportKind, verb: string): PratiqueError {
  const { apiVersion, kind: name, plural } = reportApis[kind];
  return failureOf(answer, {
    verb,
    what: `the kind ${name} of ${apiVersion}`,
    rule: { group: kind, resource: plural, name: null, verbs: ['list', 'create', 'patch', 'delete'] },
    setting: 'webhook.running.kubeconfig',
    missing: 'install its CustomResourceDefinition, or set webhook.running.reports to off',
  });
}
