import { readFileSync, statSync } from 'node:fs';
import type { Credentials, CredentialsFile, PlainCredentials } from './config.ts';
import { dockerLoginIn, pairOf } from './docker-auths.ts';

/** The credentials of an upstream as they are now. */
export interface CredentialSource {
  /**
   * The same object as long as nothing has changed; null: none.
   * @throws Error naming the file and what is wrong with it, without anything that stands in it
   */
  current(): PlainCredentials | null;
}

const largestFile = 1024 ** 2;
/** Milliseconds within which a file is not looked at again. */
const lookEvery = 1000;
/** What goes into a header must not be able to end it. */
const tokenPattern = /^[\x21-\x7e]+$/;

/** @param now milliseconds */
export function credentialSource(credentials: Credentials | null, now: () => number): CredentialSource {
  if (credentials === null || !('file' in credentials)) return { current: () => credentials };
  let known: { readonly stamp: string; readonly found: PlainCredentials } | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    // A small file once a second at most: reading it at once keeps two requests from seeing different secrets.
    current() {
      if (known !== null && now() - lookedAt < lookEvery) return known.found;
      const stamp = stampOf(credentials.file);
      if (known?.stamp !== stamp) known = { stamp, found: readCredentials(credentials) };
      lookedAt = now();
      return known.found;
    },
  };
}

/**
 * Reads a file of credentials.
 * @throws Error, see `CredentialSource`
 */
export function readCredentials({ file, holds }: CredentialsFile): PlainCredentials {
  const problem = (why: string): Error => new Error(`the credentials in ${file} cannot be used: ${why}`);
  const text = readFile(file, problem).trimEnd();
  if (text === '') throw problem('the file has no secret in it');
  switch (holds.kind) {
    case 'password':
      return { username: holds.username, password: text };
    case 'pair':
      return pairOf(text.split('\n', 1)[0]?.trimEnd() ?? '') ?? fail(problem('it has to be USER:PASSWORD'));
    case 'token':
      return tokenPattern.test(text) ? { bearer: text } : fail(problem('it is not one token without spaces'));
    case 'docker': {
      const { credentials, unused } = login(text, holds.registry, problem);
      if (unused !== null) throw problem(`the file ${unused}, which is not used here`);
      return credentials ?? fail(problem(`"auths" has no entry for ${holds.registry}`));
    }
  }
}

function login(text: string, registry: string, problem: (why: string) => Error) {
  try {
    return dockerLoginIn(text, registry);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
}

function readFile(file: string, problem: (why: string) => Error): string {
  try {
    if (statSync(file).size > largestFile) throw new Error(`it has more than ${largestFile} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
}

/** Changes when the file does, whether it is written or another is put into its place. */
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'absent' : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
}

function fail(error: Error): never {
  throw error;
}
