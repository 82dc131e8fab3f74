import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

/** Where a certificate (with those that lead to its authority) and its key lie, PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What a server needs of them. */
export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

export interface WatchedPair {
  readonly pair: KeyPair;
  /** Why the files are not what is in force, or that its certificate is over; null: all is well. */
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
 * Reads the pair, and again when the files change, one after the other or both at once. A pair that cannot be used
 * changes nothing: the last good one stays in force, since a server without a certificate serves nobody.
 * @param options `onRenewed`: told of a new pair; `setting` names the pair to people; `now` in milliseconds since 1970
 * @throws PratiqueError `config-invalid` where there is no good pair at the start
 */
export function watchKeyPair(options: {
  readonly files: TlsFiles;
  readonly setting: string;
  readonly onRenewed: (pair: KeyPair) => void;
  readonly now: () => number;
  readonly logger: Logger;
}): WatchedPair {
  const { files, setting, onRenewed, now, logger } = options;
  let seen = identityOf(files);
  let pair = readKeyPair(files, setting);
  let problem: string | null = null;
  let looks = 0;

  const look = (): void => {
    try {
      looks += 1;
      const identity = identityOf(files);
      if (identity === seen && (problem === null || looks % looksUntilRetry !== 0)) return;
      const next = readKeyPair(files, setting);
      // Of before the reading, so that a change during it is seen at the next look.
      seen = identity;
      problem = null;
      if (next.cert === pair.cert && next.key === pair.key) return;
      onRenewed(next);
      pair = next;
      const ends = new Date(next.endsAt).toISOString();
      logger.info({ setting, file: files.certificate, ends }, 'a renewed certificate is in force');
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
    get pair() {
      return pair;
    },
    problem: () => {
      if (pair.endsAt <= now())
        return `${setting}: the certificate ${files.certificate} has ended ${new Date(pair.endsAt).toISOString()}`;
      return problem;
    },
    close: () => clearInterval(timer),
  };
}

/** @throws PratiqueError `config-invalid` */
export function readKeyPair(files: TlsFiles, setting: string): KeyPair {
  const cert = readText(files.certificate, setting);
  const key = readText(files.key, setting);
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new Error(`${files.key} is not the key of ${files.certificate}`);
    // What TLS itself does not take, such as a key that is too short.
    createSecureContext({ cert, key });
    return { cert, key, endsAt: Date.parse(certificate.validTo) };
  } catch (error) {
    throw unusable(setting, files.certificate, errorText(error), error);
  }
}

function readText(file: string, setting: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > largestFile) throw new Error(`it is larger than ${largestFile} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(setting, file, errorText(error), error);
  }
}

function identityOf({ certificate, key }: TlsFiles): string {
  return [certificate, key]
    .map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    })
    .join('\n');
}

function unusable(setting: string, file: string, why: string, cause: unknown): PratiqueError {
  return new PratiqueError(
    'config-invalid',
    `${setting}: the certificate and the key cannot be used: ${file}: ${why}`,
    { setting, file },
    cause,
  );
}
