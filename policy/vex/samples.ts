import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Digest } from '../../core/digest.ts';

/** Documents and signatures for the tests of VEX. */

export const imageDigest = `sha256:${'a'.repeat(64)}` as Digest;
export const otherDigest = `sha256:${'b'.repeat(64)}` as Digest;

export function openVex(
  statements: readonly Readonly<Record<string, unknown>>[],
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://vendor.example/vex/1',
    author: 'Vendor Security',
    timestamp: '2026-05-01T00:00:00Z',
    version: 1,
    statements,
    ...fields,
  };
}

/** That libssl3 of Debian is not affected by CVE-2024-1. */
export function notAffected(
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    vulnerability: { name: 'CVE-2024-1' },
    products: [{ '@id': 'pkg:deb/debian/libssl3' }],
    status: 'not_affected',
    justification: 'vulnerable_code_not_in_execute_path',
    ...fields,
  };
}

export interface SigningKey {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly hash: string | null;
}

export function signingKey(kind: 'p256' | 'p384' | 'ed25519' | 'rsa' = 'p256'): SigningKey {
  const { publicKey, privateKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: kind === 'p256' ? 'P-256' : 'P-384' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { pem, privateKey, hash: kind === 'ed25519' ? null : kind === 'p384' ? 'sha384' : 'sha256' };
}

/** An in-toto statement about a digest whose predicate is OpenVEX. */
export function inToto(predicate: unknown, digest: string = imageDigest): unknown {
  const [algorithm = '', hex = ''] = digest.split(':');
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://openvex.dev/ns',
    subject: [{ name: 'registry.example/app', digest: { [algorithm]: hex } }],
    predicate,
  };
}

/** A DSSE envelope; without a key it has no signature. */
export function enveloped(statement: unknown, key: SigningKey | null): string {
  const type = 'application/vnd.in-toto+json';
  const payload = Buffer.from(JSON.stringify(statement));
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const signatures =
    key === null ? [] : [{ keyid: '', sig: sign(key.hash, signed, key.privateKey).toString('base64') }];
  return JSON.stringify({ payloadType: type, payload: payload.toString('base64'), signatures });
}
