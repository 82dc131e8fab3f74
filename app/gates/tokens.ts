import { readFileSync, statSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { GateToken } from '../../proxy/gates/identity.ts';
import { type TokenSource, tokenProblem } from '../config/gates.ts';

export interface WatchedTokens {
  /** Those that hold now. */
  list(): readonly GateToken[];
  close(): void;
}

/** Milliseconds between two looks. */
const lookEvery = 2000;
/** Bytes. */
const largestFile = 64 * 1024;

interface Held {
  readonly token: GateToken;
  /** What its file was like; null: it is of no file. */
  readonly print: string | null;
  readonly problem: string | null;
}

/**
 * Reads the tokens, and again when their files change. A token whose file cannot be used holds no longer: somebody who takes
 * it away wants nobody to get in by it.
 * @throws PratiqueError `config-invalid` where one cannot be used at the start
 */
export function watchTokens(sources: readonly TokenSource[], logger: Logger): WatchedTokens {
  let held = sources.map((source) => read(source));
  for (const [index, { problem }] of held.entries()) {
    if (problem !== null) throw new PratiqueError('config-invalid', `gates.tokens[${index}]: ${problem}`);
  }
  const look = (): void => {
    held = held.map((before, index) => {
      const source = sources[index];
      if (source === undefined || !('file' in source)) return before;
      if (before.problem === null && fingerprint(source.file) === before.print) return before;
      const now = read(source);
      if (now.problem !== null && now.problem !== before.problem) {
        logger.error(
          { cluster: source.cluster, why: now.problem },
          'a token of gates cannot be used: nobody gets in by it',
        );
      } else if (now.problem === null && now.token.secret !== before.token.secret) {
        logger.info({ cluster: source.cluster, file: source.file }, 'a token of gates was read again');
      }
      return now;
    });
  };
  const timer = setInterval(look, lookEvery);
  timer.unref();
  return { list: () => held.map(({ token }) => token), close: () => clearInterval(timer) };
}

function read(source: TokenSource): Held {
  const { cluster } = source;
  if (!('file' in source)) return { token: { cluster, secret: source.secret }, print: null, problem: null };
  // Of before the reading, so that a change during it is seen at the next look.
  const print = fingerprint(source.file);
  const secret = readSecret(source.file);
  const problem = 'problem' in secret ? secret.problem : tokenProblem(secret.text);
  return {
    token: { cluster, secret: 'text' in secret && problem === null ? secret.text : null },
    print,
    problem: problem === null ? null : `the token in ${source.file} ${problem}`,
  };
}

function readSecret(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    const { size } = statSync(file);
    if (size > largestFile) return { problem: `is not one: the file has ${size} bytes` };
    return { text: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    return { problem: `cannot be read: ${errorText(error)}` };
  }
}

function fingerprint(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '-' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}
