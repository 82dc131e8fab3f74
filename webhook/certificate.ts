import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorText, PratiqueError } from '../core/errors.ts';
import {
  advance,
  bundleOf,
  certificatesIn,
  type Made,
  type Material,
  MissingKey,
  signingFirst,
} from './material.ts';

export interface ServerCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** PEM of the authorities: the `caBundle` of the webhook's configuration. */
  readonly ca: string;
  /** null: it lies in no file. */
  readonly caFile: string | null;
  /** ISO 8601. */
  readonly expires: string;
  /** What had to be made anew. After `bundle` and `authority`, clusters have to be told of the new one. */
  readonly made: Made;
}

interface Files {
  readonly material: Material;
  readonly folder: string;
}

/**
 * The webhook's certificate, kept in `folder` as ca.crt, ca.key, tls.crt and tls.key, and next-ca.key while one authority
 * follows another (`material.ts`). Made where there is none, made again when its names differ or fewer than 30 days are
 * left. Call again to renew.
 * @param publishedFor for how many milliseconds clusters have been seen to trust this bundle; null: nobody looks
 * @param now milliseconds since 1970
 * @throws PratiqueError `data-unusable` for files that cannot be read, are damaged, or do not belong together;
 *   `config-invalid` for a name that no certificate can have
 */
export async function ensureCertificate(options: {
  readonly folder: string;
  readonly names: readonly string[];
  readonly now: () => number;
  readonly publishedFor?: (bundle: string) => number | null;
}): Promise<ServerCertificate> {
  const { folder, names } = options;
  const now = options.now();
  const files = await load(folder, now);
  const before = files?.material ?? null;
  const publishedFor = before === null ? null : (options.publishedFor?.(bundleOf(before)) ?? null);
  const { material, made } = await advanced(folder, before, {
    names,
    furtherNames: false,
    now,
    publishedFor,
  });
  if (made !== 'nothing') await save(folder, before, material);
  const { server } = material;
  if (server === null) throw new Error('there is no certificate after all');
  const expires = new Date(new X509Certificate(server.certificate).validTo).toISOString();
  const caFile = join(folder, 'ca.crt');
  return { key: server.key, cert: server.certificate, ca: bundleOf(material), caFile, expires, made };
}

async function advanced(folder: string, ...given: Parameters<typeof advance>): ReturnType<typeof advance> {
  try {
    return await advance(...given);
  } catch (error) {
    if (!(error instanceof MissingKey)) throw error;
    throw unusable(folder, 'ca.key', 'is missing, and a new certificate has to be signed', error);
  }
}

/**
 * In an order that leaves something to go on with wherever it is broken off: an authority becomes known by its
 * certificate, and must be able to sign by then; whose key ca.key is, signs.
 */
async function save(folder: string, before: Material | null, after: Material): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const put = async (name: string, text: string | null, was: string | null, mode: number): Promise<void> => {
    if (text !== null && text !== was) await write(join(folder, name), text, mode);
  };
  await put('next-ca.key', after.nextKey, before?.nextKey ?? null, 0o600);
  if (before === null) await put('ca.key', after.authorityKey, null, 0o600);
  await put('ca.crt', bundleOf(after), before === null ? null : bundleOf(before), 0o644);
  await put('ca.key', after.authorityKey, before === null ? after.authorityKey : before.authorityKey, 0o600);
  if (after.nextKey === null) await rm(join(folder, 'next-ca.key'), { force: true });
  await put('tls.key', after.server?.key ?? null, before?.server?.key ?? null, 0o600);
  await put('tls.crt', after.server?.certificate ?? null, before?.server?.certificate ?? null, 0o644);
}

async function load(folder: string, now: number): Promise<Files | null> {
  const [ca, caKey, nextKey, tls, tlsKey] = await Promise.all(
    ['ca.crt', 'ca.key', 'next-ca.key', 'tls.crt', 'tls.key'].map((name) => readIfThere(folder, name)),
  );
  const key = (name: string, pem: string | null | undefined): KeyObject | null =>
    pem == null ? null : parse(folder, name, () => createPrivateKey(pem));
  const certificate = (name: string, pem: string | null | undefined): X509Certificate | null =>
    pem == null ? null : parse(folder, name, () => new X509Certificate(pem));
  const server = certificate('tls.crt', tls);
  const [authorityKey] = [key('ca.key', caKey), key('next-ca.key', nextKey), key('tls.key', tlsKey)];
  if (ca == null) {
    if (server !== null) throw unusable(folder, 'ca.crt', 'is missing, though tls.crt is there');
    return null;
  }
  const found = certificatesIn(ca);
  if (found.length === 0) throw unusable(folder, 'ca.crt', 'is damaged: it holds no PEM that can be read');
  for (const pem of found) {
    const x509 = certificate('ca.crt', pem);
    if (x509?.ca !== true) throw unusable(folder, 'ca.crt', 'is no certificate of an authority');
  }
  const authorities = signingFirst(found, authorityKey, server);
  const first = new X509Certificate(authorities[0] ?? '');
  if (authorityKey !== null && !first.checkPrivateKey(authorityKey)) {
    throw unusable(folder, 'ca.key', 'is not the key of ca.crt');
  }
  if (now < Date.parse(first.validFrom)) {
    throw unusable(folder, 'ca.crt', `is not valid before ${first.validFrom}: is this machine's clock right`);
  }
  return {
    folder,
    material: {
      authorities,
      authorityKey: caKey ?? null,
      nextKey: nextKey ?? null,
      server: tls == null || tlsKey == null ? null : { certificate: tls, key: tlsKey },
    },
  };
}

async function readIfThere(folder: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw unusable(folder, name, `cannot be read (${errorText(error)})`, error);
  }
}

function parse<T>(folder: string, name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unusable(folder, name, 'is damaged: it holds no PEM that can be read', error);
  }
}

function unusable(folder: string, name: string, what: string, cause?: unknown): PratiqueError {
  const file = join(folder, name);
  return new PratiqueError(
    'data-unusable',
    `the webhook's file ${file} ${what}; restore it, or remove ca.crt, ca.key, tls.crt and tls.key there to start anew (then give clusters the new ca.crt)`,
    { file },
    cause,
  );
}

/** Whole or not at all: written beside, synced, renamed. */
async function write(file: string, text: string, mode: number): Promise<void> {
  const aside = `${file}.new`;
  try {
    const handle = await open(aside, 'w', mode);
    try {
      // The mode above counts for new files alone.
      await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `${file} cannot be written: ${errorText(error)}`,
      { file },
      error,
    );
  }
}
