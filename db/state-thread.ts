import { Worker } from 'node:worker_threads';
import { fromPlainError, PratiqueError } from '../core/errors.ts';
import type { SyncState } from './state.ts';
import type { StateAnswer, StateCall, StateWork } from './state-worker.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that has the state file open. */
export interface StateThread {
  call(method: keyof SyncState, args: readonly unknown[]): Promise<unknown>;
  /** Every call fails from here on. */
  fail(error: Error): void;
  close(): Promise<void>;
}

/** Megabytes of the thread's heap for what has just been made: it only hands things on. */
const youngMegabytes = 12;

/**
 * @param reads only what reads is asked of it
 * @param onEnd told if it ends by itself
 * @throws PratiqueError `data-unusable`
 */
export async function openStateThread(
  file: string,
  reads: boolean,
  onEnd: (error: Error) => void,
): Promise<StateThread> {
  const workerData: StateWork = { file, reads };
  const worker = new Worker(new URL('./state-worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let lost: Error | null = null;
  let closing = false;

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
  const ended = (error: Error): void => {
    fail(error);
    if (!closing) onEnd(error);
  };
  worker.on('error', ended);
  worker.on('exit', () =>
    ended(new PratiqueError('data-unusable', `the thread that keeps ${file} has ended`, { file })),
  );
  try {
    await wait(0);
  } catch (error) {
    // It could not be opened: that the thread ends is no news.
    closing = true;
    throw error;
  }
  const call = (method: keyof SyncState, args: readonly unknown[]): Promise<unknown> => {
    if (lost !== null) return Promise.reject(lost);
    lastId += 1;
    const answer = wait(lastId);
    const message: StateCall = { id: lastId, method, args };
    worker.postMessage(message);
    return answer;
  };
  return {
    call,
    fail,
    close: async () => {
      closing = true;
      await call('close', []);
    },
  };
}
