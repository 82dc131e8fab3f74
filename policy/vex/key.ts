import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { errorText } from '../../core/errors.ts';

const allowed = 'a public key in PEM: ECDSA on P-256 or P-384, Ed25519, or RSA of 2048 to 8192 bits';

export type ReadKey =
  | { readonly pem: string; readonly fingerprint: string }
  /** Sentences' ends: what was found, and what may stand there. */
  | { readonly found: string; readonly allowed: string };

/** Reads a public key. A private one is refused, not used: who may verify must not be able to sign. */
export function readKey(text: string): ReadKey {
  if (/PRIVATE KEY/.test(text)) return { found: 'a private key', allowed };
  let key: KeyObject;
  try {
    key = createPublicKey({ key: text, format: 'pem' });
  } catch (error) {
    return { found: `what is no key (${errorText(error).slice(0, 100)})`, allowed };
  }
  if (schemesOf(key).length === 0) return { found: `a key of another kind (${kindOf(key)})`, allowed };
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex'),
  };
}

/** Whether the key has signed the bytes, in any of the ways that are used with its kind. */
export function hasSigned(pem: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = keyOf(pem);
  return schemesOf(key).some((scheme) => {
    try {
      return scheme(bytes, signature);
    } catch {
      // A signature that is no signature at all: it verifies nothing.
      return false;
    }
  });
}

type Scheme = (bytes: Uint8Array, signature: Uint8Array) => boolean;

function schemesOf(key: KeyObject): readonly Scheme[] {
  const type = key.asymmetricKeyType;
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (type === 'ed25519') return [(bytes, signature) => verify(null, bytes, key, signature)];
  if (type === 'ec' && namedCurve === 'prime256v1') return ecdsa(key, ['sha256']);
  if (type === 'ec' && namedCurve === 'secp384r1') return ecdsa(key, ['sha384', 'sha256']);
  const isRsa = type === 'rsa' || type === 'rsa-pss';
  return isRsa && modulusLength >= 2048 && modulusLength <= 8192 ? rsa(key) : [];
}

function rsa(key: KeyObject): readonly Scheme[] {
  const pss: Scheme = (bytes, signature) => verify('sha256', bytes, { key, padding: pssPadding }, signature);
  const pkcs1: Scheme = (bytes, signature) => verify('sha256', bytes, key, signature);
  return key.asymmetricKeyType === 'rsa' ? [pkcs1, pss] : [pss];
}

/** RSA_PKCS1_PSS_PADDING (RFC 8017, section 8.1). */
const pssPadding = 6;

/** Signers write DER (cosign) or the two numbers one after the other (IEEE P1363). */
function ecdsa(key: KeyObject, hashes: readonly string[]): readonly Scheme[] {
  return hashes.flatMap((hash) =>
    (['der', 'ieee-p1363'] as const).map(
      (dsaEncoding): Scheme =>
        (bytes, signature) =>
          verify(hash, bytes, { key, dsaEncoding }, signature),
    ),
  );
}

function kindOf(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  return [key.asymmetricKeyType, namedCurve ?? modulusLength].filter((part) => part !== undefined).join(' ');
}

/** A policy has few keys, and an image few documents. */
const keys = new Map<string, KeyObject>();
const mostKeys = 200;

function keyOf(pem: string): KeyObject {
  const known = keys.get(pem);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: pem, format: 'pem' });
  if (keys.size >= mostKeys) keys.clear();
  keys.set(pem, key);
  return key;
}
