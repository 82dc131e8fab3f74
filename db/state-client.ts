import { Worker } from 'node:worker_threads';
import { fromPlainError, PratiqueError } from '../core/errors.ts';
import type { ExceptionStore } from '../core/ports/exceptions.ts';
import type { HostedRecords } from '../core/ports/hosted.ts';
import type { Outbox } from '../core/ports/outbox.ts';
import type { Records } from '../core/ports/records.ts';
import type { Rematching } from '../core/ports/rematching.ts';
import type { ScanJobs } from '../core/ports/scan-jobs.ts';
import type { Sightings } from '../core/ports/sightings.ts';
import type { EvaluatedVerdicts, VerdictStore } from '../core/ports/verdicts.ts';
import type { SyncState } from './state.ts';
import type { StateAnswer, StateCall } from './state-worker.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Every operation of the state; one that is missing here does not compile. */
const operations: Readonly<Record<keyof SyncState, true>> = {
  putManifest: true,
  getManifest: true,
  imagesOf: true,
  putTag: true,
  getTag: true,
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
  sightings: true,
  sightingsOf: true,
  forgetSightingsBefore: true,
  hasRepository: true,
  listTags: true,
  deleteTag: true,
  deleteManifest: true,
  putPush: true,
  isPushedBy: true,
  deleteBlob: true,
  putSubject: true,
  manifestsWithSubject: true,
  'scanJobs.put': true,
  'scanJobs.get': true,
  'scanJobs.finish': true,
  'scanJobs.waiting': true,
  'scanJobs.prune': true,
  'scanJobs.putReport': true,
  'scanJobs.getReport': true,
  close: true,
};

type Method = (...args: readonly unknown[]) => Promise<unknown>;

const scanJobsPrefix = 'scanJobs.';
/** Megabytes of the thread's heap for what has just been made: it only hands things on. */
const youngMegabytes = 12;

/** Everything that is kept in the state file. */
export type StateRecords = Records &
  HostedRecords &
  VerdictStore &
  EvaluatedVerdicts &
  ExceptionStore &
  Outbox &
  Sightings &
  Rematching & { readonly scanJobs: ScanJobs };

/**
 * Opens the state file in a thread of its own, so that a slow disk never holds up the event loop. `onLost` is
 * told if that thread ends by itself; every call then fails, and gates close.
 * @throws PratiqueError `data-unusable`
 */
export async function openRecords(file: string, onLost: (error: Error) => void): Promise<StateRecords> {
  const worker = new Worker(new URL('./state-worker.js', import.meta.url), {
    workerData: { file },
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let lost: Error | null = null;

  const fail = (error: Error): void => {
    lost = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const wait = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));

  worker.on('message', (answer: StateAnswer) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) waiter?.reject(fromPlainError(answer.error));
    else waiter?.resolve(answer.value);
  });
  let closing = false;
  const ended = (error: Error): void => {
    fail(error);
    if (!closing) onLost(error);
  };
  worker.on('error', ended);
  worker.on('exit', () =>
    ended(new PratiqueError('data-unusable', `the thread that keeps ${file} has ended`, { file })),
  );

  await wait(0);

  const call = (method: keyof SyncState, args: readonly unknown[]): Promise<unknown> => {
    if (lost !== null) return Promise.reject(lost);
    lastId += 1;
    const answer = wait(lastId);
    const message: StateCall = { id: lastId, method, args };
    worker.postMessage(message);
    return answer;
  };
  const records: Record<string, Method> = {};
  const scanJobs: Record<string, Method> = {};
  for (const method of Object.keys(operations) as (keyof SyncState)[]) {
    const ask: Method = (...args) => {
      if (method === 'close') closing = true;
      return call(method, args);
    };
    if (method.startsWith(scanJobsPrefix)) scanJobs[method.slice(scanJobsPrefix.length)] = ask;
    else records[method] = ask;
  }
  return { ...records, scanJobs } as unknown as StateRecords;
}
