import { readFileSync, statSync } from 'node:fs';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

/** What files hold, as it was good the last time. */
export interface Watched<Value> {
  readonly value: Value;
  /** Why the files are not what is in force; null: they are. */
  problem(): string | null;
  close(): void;
}

/** Milliseconds between two looks. */
const lookEvery = 2000;
/** Bytes. */
const largestFile = 1024 ** 2;
/** After so many looks what could not be used is read again though the files seem the same. */
const looksUntilRetry = 15;

/**
 * Reads files, and again when they change, one after the other or all at once. What cannot be used changes nothing: the
 * last good one stays in force.
 * @param options `read` throws `config-invalid` for what cannot be used; `onRenewed` is told of what is another; `told`: what is
 *   logged then
 * @throws PratiqueError `config-invalid` where nothing is good at the start
 */
export function watchFiles<Value>(options: {
  readonly files: readonly string[];
  readonly setting: string;
  readonly read: () => Value;
  readonly isSame: (one: Value, other: Value) => boolean;
  readonly onRenewed: (value: Value) => void;
  readonly told: (logger: Logger, value: Value) => void;
  readonly logger: Logger;
}): Watched<Value> {
  const { files, setting, read, isSame, onRenewed, told, logger } = options;
  let seen = identityOf(files);
  let value = read();
  let problem: string | null = null;
  let looks = 0;

  const look = (): void => {
    try {
      looks += 1;
      const identity = identityOf(files);
      if (identity === seen && (problem === null || looks % looksUntilRetry !== 0)) return;
      const next = read();
      // Of before the reading, so that a change during it is seen at the next look.
      seen = identity;
      problem = null;
      if (isSame(next, value)) return;
      onRenewed(next);
      value = next;
      told(logger, next);
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      if (problem !== error.message)
        logger.error(
          { setting, why: error.message },
          'a certificate cannot be used: the last good one stays in force',
        );
      problem = error.message;
    }
  };
  const timer = setInterval(look, lookEvery);
  timer.unref();
  return {
    get value() {
      return value;
    },
    problem: () => problem,
    close: () => clearInterval(timer),
  };
}

/** @throws Error */
export function readPem(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile()) throw new Error('it is not a file');
  if (stat.size > largestFile) throw new Error(`it is larger than ${largestFile} bytes`);
  return readFileSync(file, 'utf8');
}

/** @param what cannot be used */
export function unusable(setting: string, what: string, file: string, cause: unknown): PratiqueError {
  return new PratiqueError(
    'config-invalid',
    `${setting}: ${what} cannot be used: ${file}: ${errorText(cause)}`,
    { setting, file },
    cause,
  );
}

function identityOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    })
    .join('\n');
}
