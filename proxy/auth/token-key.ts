import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';

/** Bytes: as many as the hash of HS256 has (RFC 7518, 3.2). */
const keyLength = 32;

/**
 * The key that tokens are signed with; made where there is none. Removing the file ends all tokens at the next start.
 * @throws PratiqueError `data-unusable`
 */
export function ensureTokenKey(file: string): Uint8Array {
  try {
    if (!existsSync(file)) {
      const aside = `${file}.new`;
      writeFileSync(aside, randomBytes(keyLength), { mode: 0o600, flush: true });
      renameSync(aside, file);
    }
    chmodSync(file, 0o600);
    const key = readFileSync(file);
    if (key.length === keyLength) return new Uint8Array(key);
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the key of tokens ${file} cannot be read or made: ${errorText(error)}`,
      { file },
      error,
    );
  }
  throw new PratiqueError(
    'data-unusable',
    `${file} does not hold a key of ${keyLength} bytes; remove it, and another is made`,
    { file },
  );
}
