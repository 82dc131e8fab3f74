import { createHash } from 'node:crypto';
import { PratiqueError } from '../../core/errors.ts';
import { anonymous, everyUser } from './access.ts';

/** One user of an htpasswd file. */
export interface UserEntry {
  /** A bcrypt hash as the library reads it: `$2b$…`. */
  readonly hash: string;
  /** The logarithm of the rounds. */
  readonly cost: number;
  /** Changes with the password, so that tokens from before a change are known. Tells nothing about the hash. */
  readonly version: string;
}

export type Users = ReadonlyMap<string, UserEntry>;

const mostUsers = 10_000;
const mostProblems = 20;
/** Bytes. */
const longestName = 255;
/** Each step doubles the time; with 14 a login takes about a second and a half of a processor. */
const highestCost = 14;
const lowestCost = 4;
const hashPattern = /^\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{53})$/;
const controlPattern = /\p{Cc}/u;

/**
 * Reads an htpasswd file: one `name:hash` a line, bcrypt alone. Empty lines and lines that begin with `#` are
 * passed over, as Apache does.
 * @throws PratiqueError `config-invalid`, with every problem (at most 20) on a line of its own and no hash in it
 */
export function parseHtpasswd(text: string, fileName: string): Users {
  const users = new Map<string, UserEntry>();
  const problems: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const read = colon < 0 ? 'has no colon: allowed is NAME:HASH' : readEntry(name, line.slice(colon + 1));
    const problem = typeof read === 'string' ? read : refuseName(name, users);
    if (problem !== null) problems.push(`${fileName}:${index + 1} ${problem}`);
    else if (typeof read !== 'string') users.set(name, read);
    if (problems.length >= mostProblems || users.size > mostUsers) break;
  }
  if (users.size > mostUsers) problems.push(`${fileName} has more than ${mostUsers} users`);
  if (users.size === 0 && problems.length === 0)
    problems.push(`${fileName} holds no user; "htpasswd -nB NAME" prints a line for one`);
  if (problems.length > 0) {
    throw new PratiqueError('config-invalid', problems.join('\n'), {
      file: fileName,
      problems: problems.length,
    });
  }
  return users;
}

function readEntry(name: string, hash: string): UserEntry | string {
  const match = hashPattern.exec(hash);
  const cost = Number(match?.[1]);
  if (match === null) return 'has a hash that is not bcrypt ($2y$…): make it with "htpasswd -nB NAME"';
  if (cost < lowestCost) return `has a bcrypt cost of ${cost}, which no bcrypt has`;
  if (cost > highestCost) {
    return `has a bcrypt cost of ${cost}: above ${highestCost} a login would take seconds; use "htpasswd -nB -C 12 NAME"`;
  }
  return {
    // $2a$, $2b$ and $2y$ are one algorithm for passwords of at most 72 bytes; the library reads no $2y$.
    hash: `$2b$${match[1]}$${match[2]}`,
    cost,
    version: createHash('sha256').update(`${name}\0${hash}`).digest('base64url').slice(0, 22),
  };
}

function refuseName(name: string, users: Users): string | null {
  if (name === '') return 'has no user name before the colon';
  if (Buffer.byteLength(name) > longestName) return `has a user name of more than ${longestName} bytes`;
  if (controlPattern.test(name) || name.includes('\ufffd'))
    return 'has a user name with control characters, or is not UTF-8';
  if (name === everyUser || name === anonymous)
    return `names a user "${name}", a word with a meaning in rules`;
  return users.has(name) ? `names the user "${name}" a second time` : null;
}
