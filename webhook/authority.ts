import { type KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import type { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import { PratiqueError } from '../core/errors.ts';

const day = 86_400_000;
/** Clocks differ; a certificate that starts now would be refused by a machine that is a minute behind. */
const backdated = 3_600_000;
const authorityDays = 3650;
const serverDays = 365;

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

// Loaded here and not above: it looks for what reflect-metadata provides, and some loaders (Jest's) run CommonJS
// modules before the ES modules that are imported ahead of them.
const x509 = await import('@peculiar/x509');
x509.cryptoProvider.set(webcrypto);

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of our own. @param now milliseconds since 1970 */
export async function makeAuthority(now: number): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Pratique webhook authority',
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + authorityDays * day),
    keys,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * A server certificate for the names, signed by the authority.
 * @param now milliseconds since 1970
 * @throws PratiqueError `config-invalid` for a name that is neither a host name nor an IP address
 */
export async function makeServerCertificate(
  authority: { readonly certificate: string; readonly key: KeyObject },
  names: readonly string[],
  now: number,
): Promise<KeyPair> {
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    authority.key.export({ format: 'der', type: 'pkcs8' }),
    keyAlgorithm,
    false,
    ['sign'],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Pratique webhook',
    issuer: issuer.subject,
    notBefore: new Date(now - backdated),
    // A certificate that outlives its authority is of no use to anybody.
    notAfter: new Date(Math.min(now + serverDays * day, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      alternativeNames(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** Whether a certificate is for exactly these names. Compared as they are encoded. */
export function isFor(certificate: string, names: readonly string[]): boolean {
  const found = new x509.X509Certificate(certificate).getExtension(x509.SubjectAlternativeNameExtension);
  return found !== null && Buffer.from(found.value).equals(Buffer.from(alternativeNames(names).value));
}

/** The names and addresses that a certificate is for. */
export function namesIn(certificate: string): readonly string[] {
  const found = new x509.X509Certificate(certificate).getExtension(x509.SubjectAlternativeNameExtension);
  return found?.names.items.map(({ value }) => value) ?? [];
}

function alternativeNames(names: readonly string[]): SubjectAlternativeNameExtension {
  const sorted = [...new Set(names.map(oneSpelling))].sort();
  if (sorted.length === 0) {
    throw new PratiqueError(
      'config-invalid',
      'the webhook has no name to make a certificate for: give it one',
    );
  }
  return new x509.SubjectAlternativeNameExtension(
    sorted.map((value) => {
      if (isIP(value) !== 0) return { type: 'ip', value };
      if (hostName.test(value)) return { type: 'dns', value };
      throw new PratiqueError(
        'config-invalid',
        `"${value}" is no name for the webhook's certificate: a host name or an IP address is`,
        { name: value },
      );
    }),
  );
}

/** IPv6 addresses have many spellings; the URL standard picks one. */
function oneSpelling(name: string): string {
  return isIP(name) === 6 && !name.includes('%')
    ? new URL(`http://[${name}]`).hostname.slice(1, -1)
    : name.toLowerCase();
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

/** 127 bits from the system's generator, positive (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
