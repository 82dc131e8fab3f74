import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';

/** A pair of keys on P-256 (RFC 7518, 3.4: ES256). */
export interface SigningKey {
  /** RFC 7515, 4.1.4. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A public key as others read it (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
}

/** The keys that bearer tokens are signed with. */
export interface SigningKeys {
  /** The one to sign with; made anew where it has got old. @throws PratiqueError `data-unusable` where it cannot be kept */
  current(): SigningKey;
  /** null: unknown, or all tokens that it has signed are over. */
  byId(kid: string): SigningKey | null;
  /** RFC 7517, 5. */
  publicKeys(): readonly PublicJwk[];
}

/** Milliseconds that a key signs. */
export const keyAge = 30 * 86_400_000;
/** Milliseconds that a key is still known after it: longer than the longest token, and a clock's error. */
export const keyKnown = 15 * 60_000;
/** A file with more has not been written here. */
const mostKeys = 10;

const fileSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        kid: z.string().min(1),
        /** Milliseconds since 1970. */
        madeAt: z.number(),
        /** PKCS #8. */
        pem: z.string(),
      }),
    )
    .min(1)
    .max(mostKeys),
});

type Kept = z.infer<typeof fileSchema>['keys'][number] & SigningKey;

/**
 * The keys in `file`, the newest last; the first is made where there is none. Removing the file ends all bearer tokens at
 * the next start.
 * @throws PratiqueError `data-unusable`
 */
export function openSigningKeys(options: {
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}): SigningKeys {
  const { file, now, logger } = options;
  let keys: readonly Kept[] = existsSync(file) ? read(file) : [];

  /** A key signs until the next one is made, so that is when its tokens begin to end. */
  const isKnown = (index: number): boolean => {
    const next = keys[index + 1];
    return next === undefined || now() < next.madeAt + keyKnown;
  };
  const current = (): Kept => {
    const newest = keys.at(-1);
    const at = now();
    // A key of the future: the clock has been set back, and nobody says for how long.
    if (newest !== undefined && Math.abs(at - newest.madeAt) < keyAge) return newest;
    const made = make(at);
    const next = [...keys.filter((_, index) => isKnown(index)), made].slice(-mostKeys);
    write(file, next);
    keys = next;
    logger.info({ kid: made.kid }, 'bearer tokens are signed with a new key');
    return made;
  };
  current();
  return {
    current,
    byId: (kid) => keys.find((key, index) => key.kid === kid && isKnown(index)) ?? null,
    publicKeys: () =>
      keys
        .filter((_, index) => isKnown(index))
        .map(({ kid, publicKey }) => {
          const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
          return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' };
        }),
  };
}

function make(at: number): Kept {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return keep({ kid: randomBytes(8).toString('hex'), madeAt: at, pem });
}

function keep(entry: { readonly kid: string; readonly madeAt: number; readonly pem: string }): Kept {
  const privateKey = createPrivateKey(entry.pem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('a key is not on P-256');
  return { ...entry, privateKey, publicKey: createPublicKey(privateKey) };
}

function read(file: string): readonly Kept[] {
  try {
    chmodSync(file, 0o600);
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).keys.map(keep);
  } catch (error) {
    // What the file holds is a secret, and parsers quote what they cannot read.
    const why = error instanceof Error && 'code' in error ? errorText(error) : 'it is damaged';
    throw new PratiqueError(
      'data-unusable',
      `the keys of bearer tokens in ${file} cannot be read: ${why}; remove the file, and others are made`,
      { file },
    );
  }
}

function write(file: string, keys: readonly Kept[]): void {
  const text = JSON.stringify({ keys: keys.map(({ kid, madeAt, pem }) => ({ kid, madeAt, pem })) });
  try {
    const aside = `${file}.new`;
    writeFileSync(aside, text, { mode: 0o600, flush: true });
    renameSync(aside, file);
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the keys of bearer tokens cannot be kept in ${file}: ${errorText(error)}`,
      { file },
      error,
    );
  }
}
