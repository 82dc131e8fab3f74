declare const brand: unique symbol;

/** A content digest as the OCI image specification writes it: `sha256:<64 hex>` or `sha512:<128 hex>`. */
export type Digest = string & { readonly [brand]: 'digest' };

export type DigestAlgorithm = 'sha256' | 'sha512';

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** The digest that `text` spells, or null when it spells none. Upper case is not accepted (OCI image spec, descriptor). */
export function parseDigest(text: string): Digest | null {
  return pattern.test(text) ? (text as Digest) : null;
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
