import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import { Flights } from '../core/flights.ts';
import type { StoredManifest } from '../core/image.ts';
import type { TagAnswer, TagFreshness } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ManifestRecord, Records } from '../core/ports/records.ts';
import {
  formatPointer,
  isHosted,
  type ManifestPointer,
  type RepositoryAddress,
  repositoryKey,
} from '../core/repository.ts';
import { blobsOf, parseManifest } from '../registry/manifest.ts';
import { Missing } from './missing.ts';
import type { Upstreams } from './ports.ts';
import type { TagCounts } from './tag-counts.ts';
import type { TagTimes } from './tag-times.ts';
import { Tags } from './tags.ts';

/** Bytes of manifests kept in memory for the hot path. */
const memory = 64 * 1024 ** 2;

/**
 * Which manifests a repository is known to hold. A manifest counts as known only when this repository's own
 * upstream gave it, whatever other repositories hold the same bytes (ADR 0002).
 */
export class Catalogue {
  readonly #held = new LRUCache<string, StoredManifest>({
    maxSize: memory,
    sizeCalculation: (manifest) => manifest.bytes.length + 2048,
  });
  readonly #tags: Tags;
  readonly #missing: Missing;
  readonly #digests = new Flights<StoredManifest>();
  readonly #records: Records;
  readonly #upstreams: Upstreams;
  readonly #timesOf: (upstream: string) => TagTimes;
  readonly #onNew: (digest: Digest) => void;
  /** Raised when a manifest is taken away: what was read before must not be held after. */
  #removals = 0;

  /**
   * `timesOf`: how long what an upstream says of tags is gone by. `counts`: what becomes of requests for tags.
   * `onNew`: which repositories hold a manifest has changed; what is said of the digest may depend on that.
   */
  constructor(options: {
    readonly records: Records;
    readonly upstreams: Upstreams;
    readonly timesOf: (upstream: string) => TagTimes;
    readonly counts: TagCounts;
    readonly logger: Logger;
    readonly now: () => number;
    readonly onNew: (digest: Digest) => void;
  }) {
    this.#records = options.records;
    this.#upstreams = options.upstreams;
    this.#timesOf = options.timesOf;
    this.#onNew = options.onNew;
    this.#missing = new Missing(options.now);
    this.#tags = new Tags({
      ...options,
      missing: this.#missing,
      manifests: {
        held: (address, digest) => this.held(address, digest),
        known: (address, digest) => this.#recorded(address, digest),
        byDigest: (address, digest) => this.#byDigest(address, digest),
        fetchTag: (address, tag) => this.#fetch(address, { kind: 'tag', tag }),
      },
    });
  }

  held(address: RepositoryAddress, digest: Digest): StoredManifest | null {
    return this.#held.get(keyOf(address, digest)) ?? null;
  }

  /** See `Gate.heldTag`. What a tag of a hosted repository means is asked of the records each time. */
  heldTag(address: RepositoryAddress, tag: string): StoredManifest | null {
    return this.#tags.held(address, tag);
  }

  /** @throws PratiqueError `manifest-unknown`, `manifest-invalid`, `digest-mismatch`, `upstream-…` */
  async resolve(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest> {
    if (pointer.kind === 'digest') return this.#byDigest(address, pointer.digest);
    return (await this.tag(address, pointer.tag, 'now')).manifest;
  }

  /** See `Gate.tag`. */
  async tag(address: RepositoryAddress, tag: string, freshness: TagFreshness): Promise<TagAnswer> {
    if (!isHosted(address)) return this.#tags.find(address, tag, freshness);
    const digest = await this.#records.getTag(address, tag);
    if (digest === null) throw unknown(address, { kind: 'tag', tag });
    return { manifest: await this.#byDigest(address, digest), staleAge: null };
  }

  /** The upstream has taken a tag that was pushed through here, or has let one go (`digest` null). Durable when it resolves. */
  tagPushed(address: RepositoryAddress, tag: string, digest: Digest | null): Promise<void> {
    return digest === null ? this.#tags.removed(address, tag) : this.#tags.pushed(address, tag, digest);
  }

  /** A manifest that was pushed here: this repository holds it from now on. Durable when it resolves. */
  async accept(address: RepositoryAddress, stored: StoredManifest): Promise<void> {
    const removals = this.#removals;
    await this.#record(address, stored);
    // It may be deleted already; if not, it is read back when it is asked for.
    if (removals === this.#removals) this.#hold(address, stored);
  }

  /** This repository does not hold the manifest any more; the caller has taken it out of the records. */
  forget(address: RepositoryAddress, digest: Digest): void {
    this.#removals += 1;
    this.#held.delete(keyOf(address, digest));
    this.#tags.forget(address, digest);
    this.#onNew(digest);
  }

  #byDigest(address: RepositoryAddress, digest: Digest): Promise<StoredManifest> {
    const held = this.held(address, digest);
    if (held !== null) return Promise.resolve(held);
    const key = keyOf(address, digest);
    return this.#digests.run(key, async () => {
      const recorded = await this.#recorded(address, digest);
      if (recorded !== null) return recorded;
      if (isHosted(address)) throw unknown(address, { kind: 'digest', digest });
      const absence = this.#missing.of(key);
      if (absence !== null) throw absence;
      try {
        return (await this.#fetch(address, { kind: 'digest', digest })).manifest;
      } catch (error) {
        this.#missing.note(key, error, this.#timesOf(address.upstream).missingTtl);
        throw error;
      }
    });
  }

  /** As far as it is known here, in memory or in the records. */
  async #recorded(address: RepositoryAddress, digest: Digest): Promise<StoredManifest | null> {
    const held = this.held(address, digest);
    if (held !== null) return held;
    const removals = this.#removals;
    const record = await this.#records.getManifest(address, digest);
    if (record === null) return null;
    const stored = readBack(record);
    return removals === this.#removals ? this.#hold(address, stored) : stored;
  }

  async #fetch(
    address: RepositoryAddress,
    pointer: ManifestPointer,
  ): Promise<{ readonly manifest: StoredManifest; readonly etag: string | null }> {
    const answer = await this.#upstreams.client(address).getManifest(address.path, pointer);
    const manifest = parseManifest(answer.bytes, answer.mediaType);
    const stored: StoredManifest = {
      digest: answer.digest,
      mediaType: manifest.mediaType,
      bytes: answer.bytes,
      manifest,
    };
    await this.#record(address, stored);
    return { manifest: this.#hold(address, stored), etag: answer.etag };
  }

  async #record(address: RepositoryAddress, stored: StoredManifest): Promise<void> {
    const { manifest } = stored;
    const named = manifest.kind === 'index' ? manifest.manifests.map(({ digest }) => digest) : [];
    // An index is newer word of its children than that they were asked for in vain before it.
    for (const digest of [stored.digest, ...named]) this.#missing.clear(keyOf(address, digest));
    await this.#records.putManifest(address, {
      digest: stored.digest,
      mediaType: stored.mediaType,
      bytes: stored.bytes,
      blobs: blobsOf(stored.manifest).map(({ digest, size }) => ({ digest, size })),
    });
    this.#onNew(stored.digest);
  }

  #hold(address: RepositoryAddress, manifest: StoredManifest): StoredManifest {
    this.#held.set(keyOf(address, manifest.digest), manifest);
    return manifest;
  }
}

function keyOf(address: RepositoryAddress, digest: Digest): string {
  return `${repositoryKey(address)}@${digest}`;
}

function unknown(address: RepositoryAddress, pointer: ManifestPointer): PratiqueError {
  const name = formatPointer(address, pointer);
  return new PratiqueError('manifest-unknown', `${name} has not been pushed here, or was deleted`, {
    repository: repositoryKey(address),
  });
}

function readBack(record: ManifestRecord): StoredManifest {
  const manifest = parseManifest(record.bytes, record.mediaType);
  return { digest: record.digest, mediaType: record.mediaType, bytes: record.bytes, manifest };
}
