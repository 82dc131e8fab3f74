import type { AccessTokenStore } from '../core/ports/access-tokens.ts';
import type { AttachedVexStore } from '../core/ports/attached-vex.ts';
import type { CacheRecords, CacheView } from '../core/ports/cache.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import type { GateStream } from '../core/ports/gate-stream.ts';
import type { HostedRecords } from '../core/ports/hosted.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import type { Records } from '../core/ports/records.ts';
import type { Rematching } from '../core/ports/rematching.ts';
import type { ReportedFindings } from '../core/ports/reported.ts';
import type { ScanJobs } from '../core/ports/scan-jobs.ts';
import type { Sightings } from '../core/ports/sightings.ts';
import type { EvaluatedVerdicts, VerdictStore } from '../core/ports/verdicts.ts';
import type { SyncState } from './state.ts';
import { openStateThread, type StateThread } from './state-thread.ts';

/** Every operation of the state; one that is missing here does not compile. */
const operations: Readonly<Record<keyof SyncState, true>> = {
  putManifest: true,
  getManifest: true,
  imagesOf: true,
  putTag: true,
  getTag: true,
  tagSeen: true,
  dropTag: true,
  manifestsWithBlob: true,
  isProven: true,
  prove: true,
  getLayer: true,
  putLayer: true,
  getInventory: true,
  putInventory: true,
  inventoried: true,
  getMatch: true,
  putMatch: true,
  sweepPackages: true,
  matchState: true,
  stageMatches: true,
  switchMatches: true,
  askRematch: true,
  rematchAsked: true,
  getVerdict: true,
  putVerdicts: true,
  putEvaluated: true,
  verdictsOf: true,
  listVerdicts: true,
  pageVerdicts: true,
  dueVerdicts: true,
  nextDue: true,
  keepPolicies: true,
  putChange: true,
  changesAfter: true,
  lastCursor: true,
  history: true,
  statusByDay: true,
  forgetChangesBefore: true,
  followerCursor: true,
  putFollowerCursor: true,
  goodPolicy: true,
  putGoodPolicy: true,
  listExceptions: true,
  addException: true,
  revokeException: true,
  exceptionsVersion: true,
  listAccessTokens: true,
  addAccessToken: true,
  revokeAccessToken: true,
  accessTokensVersion: true,
  addAudit: true,
  audit: true,
  brokenAudit: true,
  putMessages: true,
  dueMessages: true,
  delivered: true,
  failed: true,
  giveUp: true,
  deadLetters: true,
  retryDead: true,
  waitingMessages: true,
  putSightings: true,
  putRunning: true,
  watchedClusters: true,
  sightings: true,
  sightingsOf: true,
  forgetSightingsBefore: true,
  attachedVex: true,
  putAttachedVex: true,
  putReported: true,
  getReported: true,
  keepReported: true,
  listRepositories: true,
  hasRepository: true,
  listTags: true,
  deleteTag: true,
  putTagOnce: true,
  tagsOf: true,
  deleteManifest: true,
  putClaim: true,
  isPushedBy: true,
  pushedTo: true,
  deleteBlob: true,
  putSubject: true,
  manifestsWithSubject: true,
  putBlobUses: true,
  cacheTotals: true,
  blobsByUse: true,
  releaseBlobs: true,
  storedBlobs: true,
  forgetBlobs: true,
  idleClaims: true,
  dropClaims: true,
  nextCacheRequest: true,
  resumeCacheRequests: true,
  putCacheOutcome: true,
  pins: true,
  cacheStanding: true,
  hostedPaths: true,
  bytesOfRepositories: true,
  bytesOfUser: true,
  beginRecords: true,
  standingAfter: true,
  heldAfter: true,
  manifestsIn: true,
  'scanJobs.put': true,
  'scanJobs.get': true,
  'scanJobs.finish': true,
  'scanJobs.waiting': true,
  'scanJobs.prune': true,
  'scanJobs.putReport': true,
  'scanJobs.getReport': true,
  close: true,
};

/**
 * What only reads, and what somebody waits for who pulls: asked of a thread of its own, because the one that writes
 * waits for the disk most of the time. Whoever was answered that something is written reads it there.
 */
const readApart: ReadonlySet<keyof SyncState> = new Set([
  'getManifest',
  'imagesOf',
  'getTag',
  'tagSeen',
  'manifestsWithBlob',
  'isProven',
  'isPushedBy',
  'pushedTo',
  'listRepositories',
  'hasRepository',
  'tagsOf',
  'manifestsWithSubject',
  'getLayer',
  'getInventory',
  'getMatch',
  'getReported',
  'getVerdict',
  'listAccessTokens',
  'accessTokensVersion',
  'hostedPaths',
  'bytesOfRepositories',
  'bytesOfUser',
]);

/**
 * Thousands of verdicts at once, for gates that run on their own: a thread of its own, which begins when somebody asks, so that
 * nobody who pulls waits behind it.
 */
const readInBulk: ReadonlySet<keyof SyncState> = new Set(['standingAfter', 'heldAfter', 'manifestsIn']);

type Method = (...args: readonly unknown[]) => Promise<unknown>;

const scanJobsPrefix = 'scanJobs.';

/** Everything that is kept in the state file. */
export type StateRecords = Records &
  AttachedVexStore &
  ReportedFindings &
  HostedRecords &
  VerdictStore &
  EvaluatedVerdicts &
  ExceptionStore &
  AccessTokenStore &
  Outbox &
  Sightings &
  Rematching &
  GateStream &
  CacheRecords &
  CacheView & { readonly scanJobs: ScanJobs };

/**
 * Opens the state file in threads of its own, one that writes and some that read, so that a slow disk never holds up the
 * event loop. `onLost` is told if one of them ends by itself; every call then fails, and gates close.
 * @throws PratiqueError `data-unusable`
 */
export async function openRecords(file: string, onLost: (error: Error) => void): Promise<StateRecords> {
  let lost: Error | null = null;
  const threads: StateThread[] = [];
  const onEnd = (error: Error): void => {
    if (lost !== null) return;
    lost = error;
    for (const thread of threads) thread.fail(error);
    onLost(error);
  };
  // The file is there, in its newest schema, when who writes has opened it.
  const writing = await openStateThread(file, false, onEnd);
  threads.push(writing);
  const reading = await openStateThread(file, true, onEnd).catch(async (error: unknown) => {
    await writing.close();
    throw error;
  });
  threads.push(reading);
  let bulk: Promise<StateThread> | null = null;
  const inBulk = async (): Promise<StateThread> => {
    if (lost !== null) throw lost;
    bulk ??= openStateThread(file, true, onEnd).then((thread) => {
      threads.push(thread);
      return thread;
    });
    return bulk;
  };
  const close = async (): Promise<void> => {
    await (await bulk)?.close();
    await reading.close();
    await writing.close();
  };
  const threadOf = (method: keyof SyncState): StateThread | null => {
    if (readInBulk.has(method)) return null;
    return readApart.has(method) ? reading : writing;
  };
  const records: Record<string, Method> = {};
  const scanJobs: Record<string, Method> = {};
  for (const method of Object.keys(operations) as (keyof SyncState)[]) {
    const thread = threadOf(method);
    const ask: Method =
      method === 'close'
        ? close
        : thread === null
          ? async (...args) => (await inBulk()).call(method, args)
          : (...args) => thread.call(method, args);
    if (method.startsWith(scanJobsPrefix)) scanJobs[method.slice(scanJobsPrefix.length)] = ask;
    else records[method] = ask;
  }
  return { ...records, scanJobs } as unknown as StateRecords;
}
