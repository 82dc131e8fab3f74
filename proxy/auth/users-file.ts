import { readFileSync, statSync } from 'node:fs';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { parseHtpasswd, type Users } from './htpasswd.ts';

/** Who can log in at this moment, or why nobody can. */
export type UsersNow =
  | { readonly open: true; readonly users: Users }
  | { readonly open: false; readonly why: string };

export interface UsersFile {
  current(): UsersNow;
}

/** Milliseconds between two looks at the file. */
const lookEvery = 1000;
/** Bytes. */
const largestFile = 4 * 1024 ** 2;

/**
 * The users file, read again when it changes. A file that cannot be read or has an error closes logins, and tokens
 * of users with them, until it is right again: the old users are not kept, because one of them may just have been
 * taken out.
 * @throws PratiqueError `config-invalid` where the file is no users file at the start
 */
export function openUsersFile(options: {
  readonly path: string;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly now: () => number;
}): UsersFile {
  const { path, logger, now } = options;
  let seen = identityOf(path);
  let state: UsersNow = { open: true, users: read(path) };
  let lookedAt = now();

  const look = (): UsersNow => {
    try {
      const identity = identityOf(path);
      // A file that failed is read again although it looks the same: a right to read it may have come.
      if (state.open && identity === seen) return state;
      const users = read(path);
      // Of before the reading, so that a change during it is seen at the next look.
      seen = identity;
      logger.info({ file: path, users: users.size }, 'users were read again');
      return { open: true, users };
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      const why = error.message;
      if (state.open || state.why !== why) logger.error({ file: path, why }, 'nobody can log in: no users');
      return { open: false, why };
    }
  };

  return {
    current() {
      const at = now();
      // A clock that was set back is a reason to look, too.
      if (at - lookedAt < lookEvery && at >= lookedAt) return state;
      lookedAt = at;
      state = look();
      return state;
    },
  };
}

function identityOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    throw unreadable(path, errorText(error), error);
  }
}

function read(path: string): Users {
  let text: string;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > largestFile) throw new Error(`it is larger than ${largestFile} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, errorText(error), error);
  }
  return parseHtpasswd(text, path);
}

function unreadable(path: string, why: string, cause: unknown): PratiqueError {
  return new PratiqueError(
    'config-invalid',
    `the users file ${path} cannot be read: ${why}`,
    { file: path },
    cause,
  );
}
