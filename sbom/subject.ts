import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import type { Inventory, Package } from '../core/inventory.ts';

/** What a bill of materials is made from. */
export interface SbomInput {
  readonly inventory: Inventory;
  /** The repository as people write it: `library/nginx`, `registry.corp/app`. */
  readonly repository: string;
  /** Host and path, for the image's package URL; null where the image lies in no registry. */
  readonly repositoryUrl: string | null;
  /** null: it has none, of a folder or an archive without a manifest. */
  readonly digest: Digest | null;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly tool: { readonly name: string; readonly version: string };
}

/** The image's name in documents; the digest makes it mean one thing. */
export function imageName({ repository, digest }: SbomInput): string {
  return digest === null ? repository : `${repository}@${digest}`;
}

/** Package URL of type `oci` (purl specification, PURL-TYPES "oci"): the last part of the path is the name. */
export function imagePurl({ repository, repositoryUrl, digest, inventory }: SbomInput): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1).toLowerCase();
  const qualifiers = [
    inventory.platform === null ? null : `arch=${encodeURIComponent(inventory.platform.architecture)}`,
    repositoryUrl === null ? null : `repository_url=${encodeURIComponent(repositoryUrl)}`,
  ].filter((qualifier) => qualifier !== null);
  const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`;
  const version = digest === null ? '' : `@${encodeURIComponent(digest)}`;
  return `pkg:oci/${encodeURIComponent(name)}${version}${query}`;
}

/** SPDX and CycloneDX want seconds, without a fraction. */
export function wholeSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A UUID (RFC 9562, version 8) that the same texts always give. */
export function uuidOf(...texts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What makes a document of an image another document. */
export function documentUuid(input: SbomInput, format: string): string {
  const { inventory, tool, created } = input;
  return uuidOf(format, imagePurl(input), inventory.analyzers, tool.name, tool.version, String(created));
}

/** Stable names for packages, unique in the list although two may be alike in everything that is told of them. */
export function packageKeys(packages: readonly Package[]): readonly string[] {
  const seen = new Map<string, number>();
  return packages.map((one) => {
    const text = JSON.stringify([one.purl, one.name, one.version, one.layer, one.paths]);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    return before === 0 ? hash : `${hash}-${before + 1}`;
  });
}

/** Sentences about what is not in the document although it may be in the image. */
export function gaps({ inventory }: SbomInput): readonly string[] {
  return [
    ...inventory.unfit,
    ...inventory.incomplete.map(({ what, why }) => `${what} could not be read: ${why}`),
    ...(inventory.os === null && inventory.bare !== true && inventory.content === 'image'
      ? ['no operating system was recognised']
      : []),
  ];
}
