import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeTar } from '../../support/tar.ts';
import { noise } from '../stage.ts';

/** Builds what the suite pushes: manifests of every shape, with everything that they name. */

export type Algorithm = 'sha256' | 'sha512';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [further: string]: unknown;
}

export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export const types = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  foreign: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

let made = 0;

/** Bytes that no other call gives. */
export function freshBytes(length: number): Buffer {
  made += 1;
  const bytes = noise(length);
  bytes.write(`${made} `);
  return bytes;
}

export interface ImageOptions {
  readonly layers?: number;
  readonly compressed?: boolean;
  readonly architecture?: string;
  /** Laid over the manifest, and over the config file. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Layers' bytes are in their descriptors as well. */
  readonly withData?: boolean;
  /** Layers that are to be had elsewhere, before the others. */
  readonly foreign?: number;
}

/** What one case pushes: blobs, manifests in the order in which they can be pushed, and tags. */
export class Content {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests: Manifest[] = [];
  readonly tags = new Map<string, string>();
  /** By subject: what the list of referrers has to say. */
  readonly referrers = new Map<string, Descriptor[]>();
  readonly #algorithm: Algorithm;

  constructor(algorithm: Algorithm = 'sha256') {
    this.#algorithm = algorithm;
  }

  tag(name: string, { digest }: Descriptor): this {
    this.tags.set(name, digest);
    return this;
  }

  image(options: ImageOptions = {}): Descriptor {
    const foreign = Array.from({ length: options.foreign ?? 0 }, (_, at) => {
      const digest = this.#digest(freshBytes(100));
      const urls = [`https://store.invalid/${at}`];
      return { descriptor: { mediaType: types.foreign, digest, size: 12_345, urls }, diffId: digest };
    });
    const own = Array.from({ length: options.layers ?? 2 }, (_, at) => this.#layer(at, options));
    const layers = [...foreign, ...own];
    const config = this.blob(
      types.config,
      json({
        os: 'linux',
        architecture: options.architecture ?? 'amd64',
        created: new Date(Date.UTC(2026, 0, 1, 0, 0, made++)).toISOString(),
        rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
        ...options.config,
      }),
    );
    return this.#manifest(types.image, {
      config,
      layers: layers.map((layer) => layer.descriptor),
      ...options.manifest,
    });
  }

  /** What is no image: one blob of a type of its own, or none but the empty one. */
  artifact(artifactType: string, further: Readonly<Record<string, unknown>> = {}, blob?: Buffer): Descriptor {
    const config = this.blob(types.empty, Buffer.from('{}'));
    const layer = blob === undefined ? config : this.blob(artifactType, blob);
    return this.#manifest(types.image, { artifactType, config, layers: [layer], ...further });
  }

  index(children: readonly Descriptor[], further: Readonly<Record<string, unknown>> = {}): Descriptor {
    return this.#manifest(types.index, { manifests: children, ...further });
  }

  blob(mediaType: string, bytes: Buffer): Descriptor {
    const digest = this.#digest(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  #layer(at: number, options: ImageOptions): { descriptor: Descriptor; diffId: string } {
    const tar = writeTar([{ path: `file-${at}`, content: freshBytes(64) }]);
    const compressed = options.compressed ?? true;
    const bytes = compressed ? gzipSync(tar) : tar;
    const descriptor = this.blob(`${types.layer}${compressed ? '+gzip' : ''}`, bytes);
    const data = options.withData === true ? { data: bytes.toString('base64') } : {};
    return { descriptor: { ...descriptor, ...data }, diffId: digestOf(tar) };
  }

  #manifest(mediaType: string, members: Readonly<Record<string, unknown>>): Descriptor {
    const bytes = json({ schemaVersion: 2, mediaType, ...members });
    const digest = this.#digest(bytes);
    this.manifests.push({ digest, mediaType, bytes });
    const descriptor = { mediaType, digest, size: bytes.length };
    const { subject, artifactType, annotations } = members as {
      subject?: Descriptor;
      artifactType?: string;
      annotations?: unknown;
    };
    if (subject !== undefined) {
      const config = (members.config as Descriptor | undefined)?.mediaType;
      const shown = {
        ...descriptor,
        ...(artifactType === undefined && config === undefined
          ? {}
          : { artifactType: artifactType ?? config }),
        ...(annotations === undefined ? {} : { annotations }),
      };
      this.referrers.set(subject.digest, [...(this.referrers.get(subject.digest) ?? []), shown]);
    }
    return descriptor;
  }

  #digest(bytes: Uint8Array): string {
    return digestOf(bytes, this.#algorithm);
  }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
