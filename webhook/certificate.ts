import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../core/errors.ts';
import { isFor, type KeyPair, makeAuthority, makeServerCertificate } from './authority.ts';

/** Renewed when fewer milliseconds are left. */
const renewBefore = 30 * 86_400_000;

export interface ServerCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** PEM of the authority: the `caBundle` of the webhook's configuration. */
  readonly ca: string;
  readonly caFile: string;
  /** ISO 8601. */
  readonly expires: string;
  /** What had to be made anew. After `authority`, clusters have to be told of the new one. */
  readonly made: 'nothing' | 'certificate' | 'authority';
}

interface Parsed {
  readonly pem: string;
  readonly x509: X509Certificate;
}

interface Files {
  readonly caCert: Parsed | null;
  readonly caKey: KeyObject | null;
  readonly tlsCert: Parsed | null;
  readonly tlsKey: { readonly pem: string; readonly key: KeyObject } | null;
}

/**
 * The webhook's certificate, kept in `folder` as ca.crt, ca.key, tls.crt and tls.key. Made where there is none,
 * made again when its names differ or fewer than 30 days are left; the authority stays while it is valid,
 * because clusters have been told to trust it. Call again to renew.
 * @param now milliseconds since 1970
 * @throws PratiqueError `data-unusable` for files that cannot be read, are damaged, or do not belong together;
 *   `config-invalid` for a name that no certificate can have
 */
export async function ensureCertificate(options: {
  readonly folder: string;
  readonly names: readonly string[];
  readonly now: () => number;
}): Promise<ServerCertificate> {
  const { folder, names } = options;
  const now = options.now();
  const files = await load(folder);
  const { caCert, tlsCert, tlsKey } = files;
  if (caCert !== null && !caCert.x509.ca)
    throw unusable(folder, 'ca.crt', 'is no certificate of an authority');
  if (caCert === null && tlsCert !== null)
    throw unusable(folder, 'ca.crt', 'is missing, though tls.crt is there');
  if (caCert !== null && now < Date.parse(caCert.x509.validFrom)) {
    throw unusable(
      folder,
      'ca.crt',
      `is not valid before ${caCert.x509.validFrom}: is this machine's clock right`,
    );
  }
  if (
    caCert !== null &&
    tlsCert !== null &&
    tlsKey !== null &&
    serves(caCert, tlsCert, tlsKey.key, names, now)
  ) {
    return answer(folder, caCert.pem, { certificate: tlsCert.pem, key: tlsKey.pem }, 'nothing');
  }
  const authority = await authorityFor(folder, files, now);
  const made = await makeServerCertificate(authority, names, now);
  await write(join(folder, 'tls.key'), made.key, 0o600);
  await write(join(folder, 'tls.crt'), made.certificate, 0o644);
  const renewed = authority.certificate === caCert?.pem ? 'certificate' : 'authority';
  return answer(folder, authority.certificate, made, renewed);
}

function serves(ca: Parsed, tls: Parsed, key: KeyObject, names: readonly string[], now: number): boolean {
  return (
    // A key of another certificate is left by a renewal that was killed half way.
    tls.x509.checkPrivateKey(key) &&
    tls.x509.checkIssued(ca.x509) &&
    tls.x509.verify(ca.x509.publicKey) &&
    Date.parse(tls.x509.validFrom) <= now &&
    Date.parse(tls.x509.validTo) - now > renewBefore &&
    Date.parse(ca.x509.validTo) - now > renewBefore &&
    isFor(tls.pem, names)
  );
}

/** The authority to sign with: the one that is there while it is valid, else a new one. */
async function authorityFor(
  folder: string,
  { caCert, caKey }: Files,
  now: number,
): Promise<{ readonly certificate: string; readonly key: KeyObject }> {
  if (caCert !== null && Date.parse(caCert.x509.validTo) - now > renewBefore) {
    if (caKey === null)
      throw unusable(folder, 'ca.key', 'is missing, and a new certificate has to be signed');
    if (!caCert.x509.checkPrivateKey(caKey)) throw unusable(folder, 'ca.key', 'is not the key of ca.crt');
    return { certificate: caCert.pem, key: caKey };
  }
  const made = await makeAuthority(now);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The key first: an authority becomes known by its certificate, and must be able to sign by then.
  await write(join(folder, 'ca.key'), made.key, 0o600);
  await write(join(folder, 'ca.crt'), made.certificate, 0o644);
  return { certificate: made.certificate, key: createPrivateKey(made.key) };
}

async function load(folder: string): Promise<Files> {
  const [caCert, caKey, tlsCert, tlsKey] = await Promise.all(
    ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'].map((name) => readIfThere(folder, name)),
  );
  const certificate = (name: string, pem: string | null | undefined): Parsed | null =>
    pem == null ? null : { pem, x509: parse(folder, name, () => new X509Certificate(pem)) };
  const key = (name: string, pem: string | null | undefined) =>
    pem == null ? null : { pem, key: parse(folder, name, () => createPrivateKey(pem)) };
  return {
    caCert: certificate('ca.crt', caCert),
    caKey: key('ca.key', caKey)?.key ?? null,
    tlsCert: certificate('tls.crt', tlsCert),
    tlsKey: key('tls.key', tlsKey),
  };
}

async function readIfThere(folder: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw unusable(folder, name, `cannot be read (${errorText(error)})`, error);
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
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

function answer(
  folder: string,
  ca: string,
  { certificate, key }: KeyPair,
  made: ServerCertificate['made'],
): ServerCertificate {
  const expires = new Date(new X509Certificate(certificate).validTo).toISOString();
  return { key, cert: certificate, ca, caFile: join(folder, 'ca.crt'), expires, made };
}
