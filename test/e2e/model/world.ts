import { type Built, type BuiltManifest, manifestsOf } from '../../support/images.ts';
import { type Content, type Ground, isRefused } from './ground.ts';
import type { Made } from './images.ts';
import { Timeline } from './timeline.ts';

/** A manifest as its bytes are, and what the gate thinks of it. */
export interface Known {
  readonly manifest: BuiltManifest;
  /** Of an image: config and layers; of an index: none. */
  readonly blobs: readonly string[];
  /** Of an image. */
  readonly content: Content | null;
  /** Of an index: its images, and whether a named platform could choose them. */
  readonly children: readonly { readonly digest: string; readonly named: boolean }[];
  readonly text: string;
}

/** A repository of the upstream, and what the proxy knows of it. */
export interface Proxied {
  readonly kind: 'proxied';
  /** At the upstream. */
  readonly path: string;
  readonly tags: Map<string, Timeline<string | null>>;
  /** Whether the upstream has the manifest. */
  readonly manifests: Map<string, Timeline<boolean>>;
  /** Manifests that somebody may have been given through the proxy; the blob gate goes by them. */
  readonly asked: Set<string>;
  /** Manifests that the proxy has answered for: it holds them, over restarts too. */
  readonly held: Set<string>;
}

/** A repository that lives in the proxy. */
export interface Hosted {
  readonly kind: 'hosted';
  readonly path: string;
  readonly tags: Map<string, Timeline<string | null>>;
  readonly manifests: Map<string, Timeline<boolean>>;
  /** Whether the blob is there, and whether its pusher may read it back. */
  readonly blobs: Map<string, { readonly there: Timeline<boolean>; readonly pushed: Timeline<boolean> }>;
  /** Somebody changes it: one at a time. */
  busy: boolean;
}

/** What there is, as everybody who asks may see it. */
export class World {
  readonly known = new Map<string, Known>();
  /** What has tags: images and indexes, not an index's children. */
  readonly builtOf = new Map<string, Made>();
  readonly blobs = new Map<string, Buffer>();
  readonly proxied: readonly Proxied[];
  readonly hosted: readonly Hosted[];
  readonly ground: Timeline<Ground>;
  /** The program is up. */
  readonly up = new Timeline(true);
  /** The upstream answers. */
  readonly upstream = new Timeline(true);

  constructor(ground: Ground) {
    this.ground = new Timeline(ground);
    this.proxied = ['team/app', 'team/base', 'tools'].map((path) => ({
      kind: 'proxied',
      path,
      tags: new Map(),
      manifests: new Map(),
      asked: new Set(),
      held: new Set(),
    }));
    this.hosted = ['team/app', 'ci'].map((path) => ({
      kind: 'hosted',
      path,
      tags: new Map(),
      manifests: new Map(),
      blobs: new Map(),
      busy: false,
    }));
  }

  learn(made: Made): void {
    const { built, contents, text } = made;
    this.builtOf.set(built.manifest.digest, made);
    for (const [digest, bytes] of built.blobs) this.blobs.set(digest, bytes);
    const images = built.kind === 'image' ? [built] : built.children;
    for (const image of images) {
      this.known.set(image.manifest.digest, {
        manifest: image.manifest,
        blobs: [...image.blobs.keys()],
        content: contents.get(image.manifest.digest) ?? null,
        children: [],
        text,
      });
    }
    if (built.kind === 'image') return;
    const children = built.children.map(({ manifest, platform }) => ({
      digest: manifest.digest,
      named: platform.os === 'linux',
    }));
    this.known.set(built.manifest.digest, {
      manifest: built.manifest,
      blobs: [],
      content: null,
      children,
      text,
    });
  }

  /** Whether a manifest may be handed out, all its children being there. */
  allows(digest: string, ground: Ground): boolean {
    const known = this.get(digest);
    if (known.content !== null) return !isRefused(known.content, ground);
    return known.children.some((child) => child.named && this.allows(child.digest, ground));
  }

  /** Whether an image of an index is refused. */
  refusesSome(digest: string, ground: Ground): boolean {
    return this.get(digest).children.some((child) => child.named && !this.allows(child.digest, ground));
  }

  get(digest: string): Known {
    const known = this.known.get(digest);
    if (known === undefined) throw new Error(`the model knows no manifest ${digest}`);
    return known;
  }

  /** What a tag leads to now, and the children of that. */
  digestsOf(repository: Proxied | Hosted, tag: string): readonly string[] {
    const digests = timelineIn(repository.tags, tag, null).now();
    return digests.flatMap((digest) =>
      digest === null ? [] : [digest, ...this.get(digest).children.map((child) => child.digest)],
    );
  }

  /** The upstream has this now. */
  put(repository: Proxied, tag: string | null, built: Built): void {
    for (const { digest } of manifestsOf(built)) setIn(repository.manifests, digest, true, false);
    if (tag !== null) setIn(repository.tags, tag, built.manifest.digest, null);
  }

  /** The upstream has lost a manifest, and its tags. */
  remove(repository: Proxied, digest: string): void {
    setIn(repository.manifests, digest, false, false);
    for (const tag of repository.tags.values()) if (tag.now().includes(digest)) tag.set(null);
  }

  /** Manifests of a repository that refer to a blob. */
  *holders(among: Iterable<string>, blob: string): Iterable<string> {
    for (const digest of among) if (this.get(digest).blobs.includes(blob)) yield digest;
  }
}

/** The timeline of a key; what was never spoken of is `otherwise`. */
export function timelineIn<Value>(
  map: Map<string, Timeline<Value>>,
  key: string,
  otherwise: Value,
): Timeline<Value> {
  const found = map.get(key) ?? new Timeline(otherwise);
  map.set(key, found);
  return found;
}

export function setIn<Value>(
  map: Map<string, Timeline<Value>>,
  key: string,
  value: Value,
  otherwise: Value,
): void {
  timelineIn(map, key, otherwise).set(value);
}
