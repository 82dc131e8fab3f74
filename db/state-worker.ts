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

const port = parentPort;
if (port === null) throw new Error('db/state-worker runs as a worker thread only');
const reply = (answer: StateAnswer): void => port.postMessage(answer);

try {
  const records = openState((workerData as { readonly file: string }).file);
  port.on('message', (call: StateCall) => {
    try {
      const method = records[call.method] as (...args: readonly unknown[]) => unknown;
      reply({ id: call.id, value: method(...call.args) });
      if (call.method === 'close') port.close();
    } catch (error) {
      const plain = toPlainError(error, 'data-unusable');
      reply({ id: call.id, error: { ...plain, message: `state database: ${plain.message}` } });
    }
  });
  reply({ id: openedId, value: null });
} catch (error) {
  reply({ id: openedId, error: toPlainError(error, 'data-unusable') });
  port.close();
}
