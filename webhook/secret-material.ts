import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { errorText, PratiqueError } from '../core/errors.ts';
import { bundleOf, certificatesIn, type Material, signingFirst } from './material.ts';

/** Where replicas keep what they share. */
export interface SecretName {
  readonly name: string;
  readonly namespace: string;
}

export function secretText({ name, namespace }: SecretName): string {
  return `the Secret "${name}" in the namespace "${namespace}"`;
}

/**
 * What the Secret's data (in base64) holds; null: nothing yet.
 * @throws PratiqueError `data-unusable`
 */
export function materialIn(secret: SecretName, data: Readonly<Record<string, string>>): Material | null {
  const text = (key: string): string | null => {
    const value = data[key] ?? '';
    return value === '' ? null : Buffer.from(value, 'base64').toString('utf8');
  };
  const parsed = <T>(key: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw unusable(secret, key, `is damaged: ${errorText(error)}`, error);
    }
  };
  const [ca, tls, tlsKey] = [text('ca.crt'), text('tls.crt'), text('tls.key')];
  if (ca === null) {
    if (tls === null) return null;
    throw unusable(secret, 'ca.crt', 'is missing, though tls.crt is there');
  }
  const authorities = certificatesIn(ca);
  const areAuthorities = authorities.every((pem) => parsed('ca.crt', () => new X509Certificate(pem)).ca);
  if (authorities.length === 0 || !areAuthorities)
    throw unusable(secret, 'ca.crt', 'holds something else than certificates of authorities');
  const keyOf = (key: string, pem: string | null): KeyObject | null =>
    pem === null ? null : parsed(key, () => createPrivateKey(pem));
  const authorityKey = keyOf('ca.key', text('ca.key'));
  keyOf('next-ca.key', text('next-ca.key'));
  keyOf('tls.key', tlsKey);
  const server = tls === null ? null : parsed('tls.crt', () => new X509Certificate(tls));
  const sorted = signingFirst(authorities, authorityKey, server);
  if (authorityKey !== null && !new X509Certificate(sorted[0] ?? '').checkPrivateKey(authorityKey))
    throw unusable(secret, 'ca.key', 'is not the key of a certificate in ca.crt');
  return {
    authorities: sorted,
    authorityKey: text('ca.key'),
    nextKey: text('next-ca.key'),
    server: tls === null || tlsKey === null ? null : { certificate: tls, key: tlsKey },
  };
}

/** The other way round. */
export function dataOf(material: Material): Record<string, string> {
  const { authorityKey, nextKey, server } = material;
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const keys: readonly (readonly [string, string | null | undefined])[] = [
    ['ca.crt', bundleOf(material)],
    ['ca.key', authorityKey],
    ['next-ca.key', nextKey],
    ['tls.crt', server?.certificate],
    ['tls.key', server?.key],
  ];
  return Object.fromEntries(keys.flatMap(([key, text]) => (text == null ? [] : [[key, base64(text)]])));
}

export function unusable(secret: SecretName, key: string, what: string, cause?: unknown): PratiqueError {
  return new PratiqueError(
    'data-unusable',
    `${key} of ${secretText(secret)} ${what}; restore it, or delete the Secret to have it written anew`,
    { secret: secret.name, namespace: secret.namespace, key },
    cause,
  );
}
