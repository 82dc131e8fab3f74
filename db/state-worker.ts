import { parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlainError } from '../core/errors.ts';
import { openState, openStateReadOnly, type ReadableState, type StateFile, type SyncState } from './state.ts';

/** What the thread is there for. */
export interface StateWork {
  readonly file: string;
  /** Only what reads is asked: each call is answered by itself, as of that moment, and nobody waits for a disk. */
  readonly reads: boolean;
}

export type StateCall = {
  readonly id: number;
  readonly method: keyof SyncState;
  readonly args: readonly unknown[];
};
export type StateAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError };

/** Id of the message that tells whether the file could be opened. */
export const openedId = 0;
/** Findings that the thread that reads keeps in memory, about 2 KiB each: most images have those of others. */
const heldFindings = 10_000;
/** Calls in one transaction: those that came while the disk was waited for share the next wait. */
const mostTogether = 200;

const port = parentPort;
if (port === null) throw new Error('db/state-worker runs as a worker thread only');
const receiver = port;
const reply = (answer: StateAnswer): void => receiver.postMessage(answer);

const failed = (id: number, error: unknown): StateAnswer => {
  const plain = toPlainError(error, 'data-unusable');
  return { id, error: { ...plain, message: `state database: ${plain.message}` } };
};

try {
  const { file, reads } = workerData as StateWork;
  if (reads) readFrom(openStateReadOnly(file, heldFindings));
  else writeTo(openState(file));
  reply({ id: openedId, value: null });
} catch (error) {
  reply({ id: openedId, error: toPlainError(error, 'data-unusable') });
  port.close();
}

function answer(state: object, call: StateCall): StateAnswer {
  try {
    const method = (state as SyncState)[call.method] as (...args: readonly unknown[]) => unknown;
    return { id: call.id, value: method(...call.args) };
  } catch (error) {
    return failed(call.id, error);
  }
}

function readFrom(state: ReadableState): void {
  receiver.on('message', (call: StateCall) => {
    reply(answer(state, call));
    if (call.method === 'close') receiver.close();
  });
}

function writeTo(state: StateFile): void {
  const waiting: StateCall[] = [];
  /** In the order in which they came; nobody is answered before all is on disk. */
  const answerTogether = (calls: readonly StateCall[]): readonly StateAnswer[] => {
    try {
      return state.together(() => calls.map((call) => answer(state, call)));
    } catch (error) {
      return calls.map(({ id }) => failed(id, error));
    }
  };
  const turn = (): void => {
    const closing = waiting.findIndex(({ method }) => method === 'close');
    const calls = waiting.splice(0, closing < 0 ? mostTogether : Math.min(mostTogether, closing));
    if (calls.length > 0) answerTogether(calls).forEach(reply);
    const [next] = waiting;
    if (next === undefined) return;
    if (next.method !== 'close') {
      setImmediate(turn);
      return;
    }
    reply(answer(state, next));
    receiver.close();
  };
  receiver.on('message', (call: StateCall) => {
    waiting.push(call);
    if (waiting.length === 1) setImmediate(turn);
  });
}
