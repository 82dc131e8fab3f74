import { z } from 'zod';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ClusterAccess } from '../cluster/access.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf, messageOf } from '../cluster/failure.ts';
import type { Wait } from '../cluster/wait.ts';
import { readLines } from './lines.ts';

/** What has ended is left out by the API server; a Pod that ends is told as deleted. */
const selector = 'status.phase!=Succeeded,status.phase!=Failed';
const path = '/api/v1/pods';
/** Pods of a page: the first try, and the fewest where they are too large for an answer. */
const mostOfPage = 250;
/** Bytes of a page: Pods have a few thousand each, and whoever writes them may make it a million. */
const longestAnswer = 16 * 1024 * 1024;
/** Milliseconds for one page. */
const longestPage = 60_000;
/** Seconds after which the API server ends a watch; some of it at random, so that not all who watch come back together. */
const watchFor = 300;
/** Milliseconds: the API server sends a bookmark each minute. */
const longestSilence = 180_000;
/** Milliseconds between two tries after a failure: the first, doubled each time, up to the longest. */
const shortestWait = 1000;
const longestWait = 60_000;
/** Milliseconds: a watch that ends sooner is no good, and the next one waits. */
const shortestWatch = 5000;

export interface FollowOptions {
  readonly access: ClusterAccess;
  readonly client: ClusterClient;
  /** What of the cluster there is now; must not throw. */
  readonly sink: PodSink;
  readonly signal: AbortSignal;
  readonly wait: Wait;
  /** 0 to 1. */
  readonly random: () => number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Objects as they come; nothing of them is kept here. */
export interface PodSink {
  /** A list begins: everything that there is comes as `put`, and then `whole`. */
  begin(): void;
  put(object: unknown): void;
  whole(): void;
  gone(object: unknown): void;
  /** Something came that could not be read, so nobody knows what runs there. */
  unreadable(): void;
  /** Nothing is known for sure from now on; null: it is again. */
  trouble(why: string | null): void;
}

const page = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});
const event = z.object({ type: z.string(), object: z.unknown() });
const versioned = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const status = z.object({ code: z.number().nullish() });

/**
 * Follows all Pods of a cluster until the signal: lists them in pages, then watches from there, and lists again where the
 * API server has forgotten what came since (410). Never throws: failures are tried again, and told.
 */
export async function followPods(options: FollowOptions): Promise<void> {
  const { signal, wait, random, now, sink, logger } = options;
  let version: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    const started = now();
    let pause = 0;
    try {
      version ??= await listAll(options);
      version = await watch(options, version);
      failures = 0;
      if (version !== null && now() - started < shortestWatch) pause = shortestWait;
    } catch (error) {
      if (signal.aborted) return;
      // A connection that was cut after a while is what happens: the next one goes on where this one was.
      const after: string | null = error instanceof Cut ? error.version : version;
      const lasted = now() - started >= shortestWatch;
      version = after;
      if (error instanceof Cut && lasted && failures === 0) continue;
      pause = Math.min(shortestWait * 2 ** failures, longestWait) * (0.5 + random() / 2);
      failures = Math.min(failures + 1, 10);
      const cause = error instanceof Cut ? error.cause : error;
      sink.trouble(errorText(cause));
      logger.warn(
        { err: cause, againInSeconds: Math.round(pause / 1000) },
        'the Pods of the cluster cannot be followed',
      );
    }
    if (pause > 0) await wait(pause, signal);
  }
}

/** A watch that ended by a failure, with the version that it had got to. */
class Cut extends Error {
  readonly version: string;
  constructor(version: string, cause: unknown) {
    super('the watch was cut', { cause });
    this.version = version;
  }
}

/** @returns the version to watch from */
async function listAll(options: FollowOptions): Promise<string> {
  const { sink } = options;
  let limit = mostOfPage;
  let after: string | null = null;
  sink.begin();
  for (;;) {
    const answer = await listPage(options, limit, after);
    if (answer === 'too long') {
      if (limit === 1) {
        throw new PratiqueError('upstream-misbehaved', 'one Pod alone is more than an answer may have', {});
      }
      limit = Math.ceil(limit / 4);
      continue;
    }
    for (const item of answer.items ?? []) sink.put(item);
    const { resourceVersion } = answer.metadata;
    after = answer.metadata.continue ?? '';
    if (after === '') {
      sink.whole();
      return resourceVersion;
    }
  }
}

async function listPage(
  { client, signal }: FollowOptions,
  limit: number,
  after: string | null,
): Promise<z.output<typeof page> | 'too long'> {
  try {
    const answer = await client.call({
      method: 'GET',
      path,
      query: {
        fieldSelector: selector,
        limit: String(limit),
        ...(after === null ? {} : { continue: after }),
      },
      milliseconds: longestPage,
      longest: longestAnswer,
      signal,
    });
    if (answer.status !== 200) throw refused(answer.status, answer.body);
    const parsed = page.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    throw new PratiqueError('upstream-misbehaved', 'the API server gave no list of Pods', {});
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'upstream-misbehaved' && error.fields.tooLong === true) {
      return 'too long';
    }
    throw error;
  }
}

function refused(code: number, body: unknown): PratiqueError {
  return failureOf(
    { status: code, body, warnings: [], date: null },
    {
      verb: 'list and watch',
      what: 'the Pods of all namespaces',
      rule: { group: '', resource: 'pods', name: null, verbs: ['list', 'watch'] },
      setting: 'webhook.running.kubeconfig',
      missing: 'does webhook.running.kubeconfig name an API server',
    },
  );
}

/**
 * Watches until the API server ends it.
 * @returns the version to go on from; null: it has forgotten, so everything has to be listed again
 */
async function watch(options: FollowOptions, from: string): Promise<string | null> {
  const { access, sink, signal, random } = options;
  let version = from;
  let forgotten = false;
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    fieldSelector: selector,
    timeoutSeconds: String(Math.round(watchFor * (1 + random()))),
  });
  const take = (line: string | null): void => {
    if (line === null) {
      sink.unreadable();
      return;
    }
    const told = event.parse(JSON.parse(line));
    if (told.type === 'ERROR') {
      const { code } = status.parse(told.object);
      if (code === 410) forgotten = true;
      else throw watchError(code ?? 0, told.object);
      return;
    }
    const { metadata } = versioned.parse(told.object);
    if (told.type === 'DELETED') sink.gone(told.object);
    else if (told.type === 'ADDED' || told.type === 'MODIFIED') sink.put(told.object);
    version = metadata.resourceVersion;
  };
  try {
    const { status: code, refusal } = await readLines({
      access,
      path: `${path}?${query}`,
      signal,
      idle: longestSilence,
      onOpen: () => sink.trouble(null),
      onLine: take,
    });
    if (code === 410) return null;
    if (code !== 200) throw refused(code, refusal);
  } catch (error) {
    throw new Cut(version, error);
  }
  return forgotten ? null : version;
}

function watchError(code: number, object: unknown): PratiqueError {
  return new PratiqueError(
    'upstream-refused',
    `the API server ended the watch of Pods with ${code}: ${messageOf(object)}`,
    { status: code },
  );
}
