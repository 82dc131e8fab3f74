import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { compress as zstdCompress } from 'zstd-napi';
import { type Digest, parseDigest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import { type TarEntry, writeTar } from './tar.ts';

export { alpineRoot, debianRoot, type NpmPackage, npmPackages, type SystemPackage } from './roots.ts';
export { type TarEntry, writeTar } from './tar.ts';

export type Compression = 'gzip' | 'zstd' | 'none';
export type Dialect = 'oci' | 'docker';

/** A layer: files to archive, or the tar's bytes, or the blob's bytes as they are (then `diffId` is yours). */
export type LayerSpec =
  | { readonly files: readonly TarEntry[]; readonly compression?: Compression; readonly diffId?: Digest }
  | { readonly tar: Uint8Array; readonly compression?: Compression; readonly diffId?: Digest }
  | { readonly blob: Uint8Array; readonly diffId: Digest; readonly mediaType?: string };

export interface ImageSpec {
  readonly layers: readonly LayerSpec[];
  /** The `config` object of the image's config file: User, Labels, Env … */
  readonly config?: Readonly<Record<string, unknown>>;
  /** linux/amd64 if left out. */
  readonly platform?: Platform;
  readonly dialect?: Dialect;
  /** Members laid over the manifest: annotations, subject, artifactType, a decoy `manifests` … */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Laid over each layer's descriptor, by position: `urls`, `data`, a wrong size … */
  readonly descriptors?: Readonly<Record<number, Readonly<Record<string, unknown>>>>;
  /** Instead of the config file made from the above: for artifacts. */
  readonly rawConfig?: { readonly mediaType: string; readonly bytes: Uint8Array };
}

export interface BuiltManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface BuiltLayer {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface BuiltImage {
  readonly kind: 'image';
  readonly manifest: BuiltManifest;
  readonly platform: Platform;
  readonly config: { readonly digest: Digest; readonly bytes: Buffer };
  readonly layers: readonly BuiltLayer[];
  /** Config and layers. */
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

export interface BuiltIndex {
  readonly kind: 'index';
  readonly manifest: BuiltManifest;
  readonly children: readonly BuiltImage[];
  /** Those of all children. */
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

export type Built = BuiltImage | BuiltIndex;

export const linuxAmd64: Platform = { os: 'linux', architecture: 'amd64', variant: null };
export const linuxArm64: Platform = { os: 'linux', architecture: 'arm64', variant: null };

export function sha256(bytes: Uint8Array | string): Digest {
  return digestOf('sha256', bytes);
}

export function sha512(bytes: Uint8Array | string): Digest {
  return digestOf('sha512', bytes);
}

/** Bytes; one call of update takes less than 2 GiB, and the benchmarks build more. */
const hashedAtOnce = 1024 ** 3;

function digestOf(algorithm: 'sha256' | 'sha512', content: Uint8Array | string): Digest {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const hash = createHash(algorithm);
  for (let at = 0; at < bytes.length; at += hashedAtOnce) hash.update(bytes.subarray(at, at + hashedAtOnce));
  const digest = parseDigest(`${algorithm}:${hash.digest('hex')}`);
  if (digest === null) throw new Error('a computed digest did not parse');
  return digest;
}

const mediaTypes = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: {
      gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
      zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
      none: 'application/vnd.oci.image.layer.v1.tar',
    },
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: {
      gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      zstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
      none: 'application/vnd.docker.image.rootfs.diff.tar',
    },
  },
} as const;

/** Builds an image; equal descriptions give equal digests. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const dialect = spec.dialect ?? 'oci';
  const platform = spec.platform ?? linuxAmd64;
  const layers = spec.layers.map((layer) => buildLayer(layer, dialect));
  const configType = spec.rawConfig?.mediaType ?? mediaTypes[dialect].config;
  const configBytes = Buffer.from(
    spec.rawConfig?.bytes ?? JSON.stringify(configFile(spec.config ?? {}, platform, layers)),
  );
  const config = { digest: sha256(configBytes), bytes: configBytes };
  const manifest = stored(mediaTypes[dialect].manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes[dialect].manifest,
    config: { mediaType: configType, digest: config.digest, size: configBytes.length },
    layers: layers.map((layer, position) => ({
      mediaType: layer.mediaType,
      digest: layer.digest,
      size: layer.bytes.length,
      ...spec.descriptors?.[position],
    })),
    ...spec.manifest,
  });
  const blobs = new Map<Digest, Buffer>([[config.digest, config.bytes]]);
  for (const layer of layers) blobs.set(layer.digest, layer.bytes);
  return { kind: 'image', manifest, platform, config, layers, blobs };
}

/** An index over images, each under its own platform. */
export function buildIndex(
  children: readonly BuiltImage[],
  options: { readonly dialect?: Dialect; readonly manifest?: Readonly<Record<string, unknown>> } = {},
): BuiltIndex {
  const mediaType = mediaTypes[options.dialect ?? 'oci'].index;
  const manifest = stored(mediaType, {
    schemaVersion: 2,
    mediaType,
    manifests: children.map((child) => ({
      mediaType: child.manifest.mediaType,
      digest: child.manifest.digest,
      size: child.manifest.bytes.length,
      platform: platformJson(child.platform),
    })),
    ...options.manifest,
  });
  return {
    kind: 'index',
    manifest,
    children,
    blobs: new Map(children.flatMap((child) => [...child.blobs])),
  };
}

/** The manifest itself and, for an index, those of its children. */
export function manifestsOf(built: Built): readonly BuiltManifest[] {
  return built.kind === 'image'
    ? [built.manifest]
    : [built.manifest, ...built.children.map((child) => child.manifest)];
}

export function compressLayer(tar: Uint8Array, compression: Compression): Buffer {
  switch (compression) {
    case 'gzip':
      return gzipSync(tar, { level: 6 });
    case 'zstd':
      return Buffer.from(zstdCompress(tar));
    case 'none':
      return Buffer.from(tar);
  }
}

function buildLayer(spec: LayerSpec, dialect: Dialect): BuiltLayer {
  if ('blob' in spec) {
    const bytes = Buffer.from(spec.blob);
    const mediaType = spec.mediaType ?? mediaTypes[dialect].layer.gzip;
    return { digest: sha256(bytes), diffId: spec.diffId, mediaType, bytes };
  }
  const tar = 'tar' in spec ? Buffer.from(spec.tar) : writeTar(spec.files);
  const compression = spec.compression ?? 'gzip';
  const bytes = compressLayer(tar, compression);
  const mediaType = mediaTypes[dialect].layer[compression];
  return { digest: sha256(bytes), diffId: spec.diffId ?? sha256(tar), mediaType, bytes };
}

function configFile(config: object, platform: Platform, layers: readonly BuiltLayer[]): object {
  return {
    ...platformJson(platform),
    created: '2026-01-01T00:00:00Z',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  };
}

function platformJson(platform: Platform): object {
  const { os, architecture, variant } = platform;
  return variant === null ? { architecture, os } : { architecture, os, variant };
}

function stored(mediaType: string, content: object): BuiltManifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { digest: sha256(bytes), mediaType, bytes };
}
