import { parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlainError } from '../core/errors.ts';
import { openState, type SyncState } from './state.ts';

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
/** Calls in one transaction: those that came while the disk was waited for share the next wait. */
const mostTogether = 200;

const port = parentPort;
if (port === null) throw new Error('db/state-worker runs as a worker thread only');
const reply = (answer: StateAnswer): void => port.postMessage(answer);

const failed = (id: number, error: unknown): StateAnswer => {
  const plain = toPlainError(error, 'data-unusable');
  return { id, error: { ...plain, message: `state database: ${plain.message}` } };
};

try {
  const state = openState((workerData as { readonly file: string }).file);
  const waiting: StateCall[] = [];

  const answer = (call: StateCall): StateAnswer => {
    try {
      const method = state[call.method] as (...args: readonly unknown[]) => unknown;
      return { id: call.id, value: method(...call.args) };
    } catch (error) {
      return failed(call.id, error);
    }
  };
  /** In the order in which they came; nobody is answered before all is on disk. */
  const answerTogether = (calls: readonly StateCall[]): readonly StateAnswer[] => {
    try {
      return state.together(() => calls.map(answer));
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
    reply(answer(next));
    port.close();
  };
  port.on('message', (call: StateCall) => {
    waiting.push(call);
    if (waiting.length === 1) setImmediate(turn);
  });
  reply({ id: openedId, value: null });
} catch (error) {
  reply({ id: openedId, error: toPlainError(error, 'data-unusable') });
  port.close();
}
