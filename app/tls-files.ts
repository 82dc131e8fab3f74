import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../core/ports/logger.ts';
import { readPem, unusable, watchFiles } from './watched-files.ts';

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
  const watched = watchFiles({
    files: [files.certificate, files.key],
    setting,
    read: () => readKeyPair(files, setting),
    isSame: (one, other) => one.cert === other.cert && one.key === other.key,
    onRenewed,
    told: (log, { endsAt }) => {
      const ends = new Date(endsAt).toISOString();
      log.info({ setting, file: files.certificate, ends }, 'a renewed certificate is in force');
    },
    logger,
  });
  return {
    get pair() {
      return watched.value;
    },
    problem: () => {
      const { endsAt } = watched.value;
      if (endsAt <= now())
        return `${setting}: the certificate ${files.certificate} has ended ${new Date(endsAt).toISOString()}`;
      return watched.problem();
    },
    close: () => watched.close(),
  };
}

const what = 'the certificate and the key';

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
    throw unusable(setting, what, files.certificate, error);
  }
}

function readText(file: string, setting: string): string {
  try {
    return readPem(file);
  } catch (error) {
    throw unusable(setting, what, file, error);
  }
}
