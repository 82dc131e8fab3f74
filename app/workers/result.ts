import { type PlainError, toPlainError } from '../../core/errors.ts';
import type { UpstreamEvent } from '../../registry/upstream/observer.ts';

/** What worker threads do. Errors come back as values, because classes do not survive the thread boundary. */
export type TaskResult<Value> = ({ readonly value: Value } | { readonly error: PlainError }) & {
  /** What the thread has seen of upstreams since it last told. */
  readonly events?: readonly UpstreamEvent[];
};

export async function result<Value>(work: () => Promise<Value>): Promise<TaskResult<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toPlainError(error, 'vetting-failed') };
  }
}

/** Does nothing: a thread that has run it has loaded everything. */
export function warmTask(): Promise<TaskResult<null>> {
  return Promise.resolve({ value: null });
}
