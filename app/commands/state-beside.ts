import { existsSync } from 'node:fs';
import { errorCode, errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';

/**
 * Works on an existing state file, beside a server or without one, and closes it.
 * @throws PratiqueError `data-unusable`
 */
export function withState<State extends { close(): void }, Result>(
  file: string,
  open: (file: string) => State,
  work: (state: State) => Result,
): Result {
  if (!existsSync(file)) {
    throw new PratiqueError(
      'data-unusable',
      `there is no state at ${file}: "pratique serve" makes it at its first start; another folder is named with --data DIR`,
      { file },
    );
  }
  let state: State | null = null;
  try {
    state = open(file);
    return work(state);
  } catch (error) {
    throw isPratiqueError(error) ? error : unusable(file, error);
  } finally {
    state?.close();
  }
}

/** SQLite's own words for a file that another process is writing for too long (https://www.sqlite.org/rescode.html). */
function unusable(file: string, error: unknown): unknown {
  const code = errorCode(error) ?? '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    const message = `${file} is being written by another process for too long, and nothing was changed: try again`;
    return new PratiqueError('data-locked', message, { file }, error);
  }
  if (!code.startsWith('SQLITE_')) return error;
  return new PratiqueError('data-unusable', `${file} cannot be used: ${errorText(error)}`, { file }, error);
}
