import { type Digest, parseDigest } from '../../core/digest.ts';
import { type Purl, parsePurl, qualifierOf } from './purl.ts';
import type { VexImage, VexProduct } from './statement.ts';

/** What an identifier of a product can be told to be; null: nothing that is known here. */
export function identified(text: string): VexImage | Purl | null {
  const digest = parseDigest(text) ?? digestAtEnd(text);
  if (digest !== null) return { digest };
  const purl = parsePurl(text);
  if (purl === null) return null;
  return purl.type === 'oci' || purl.type === 'docker' ? imageOf(purl) : purl;
}

export function isImage(thing: VexImage | Purl): thing is VexImage {
  return 'digest' in thing || 'repository' in thing;
}

/**
 * A product with the parts of it that are meant; null where either cannot be told. A part of a package is not told from
 * the same package elsewhere in an image, so only an image has parts.
 * @param parts null: none is named, the product as a whole is meant
 */
export function productOf(whole: VexImage | Purl, parts: readonly Purl[] | null): VexProduct | null {
  if (isImage(whole)) {
    if (parts !== null && parts.length === 0) return null;
    return { kind: 'image', image: whole, packages: parts ?? [] };
  }
  return parts === null ? { kind: 'package', purl: whole } : null;
}

/** `registry.example/team/app@sha256:…`, as images are named elsewhere. */
function digestAtEnd(text: string): Digest | null {
  const at = text.lastIndexOf('@');
  return at < 0 || /^pkg:/i.test(text) ? null : parseDigest(text.slice(at + 1));
}

/** A tag or a platform without a digest says nothing of this image: it may have moved on, or be another's. */
function imageOf(purl: Purl): VexImage | null {
  if (purl.subpath !== '') return null;
  if (purl.version !== null) {
    const digest = parseDigest(purl.version);
    return digest === null ? null : { digest };
  }
  const repository = qualifierOf(purl, 'repository_url');
  if (repository === null || purl.qualifiers.length > 1) return null;
  return { repository };
}
