import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { ManifestRecord, Records } from '../core/ports/records.ts';
import {
  formatPointer,
  isHosted,
  type ManifestPointer,
  type RepositoryAddress,
  repositoryKey,
} from '../core/repository.ts';
import { blobsOf, parseManifest } from '../registry/manifest.ts';
import { Flights } from './flights.ts';
import type { Upstreams } from './ports.ts';

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
  readonly #tags = new Flights<StoredManifest>();
  readonly #digests = new Flights<StoredManifest>();
  readonly #records: Records;
  readonly #upstreams: Upstreams;
  readonly #now: () => number;
  readonly #onNew: (digest: Digest) => void;
  /** Raised when a manifest is taken away: what was read before must not be held after. */
  #removals = 0;

  /** `onNew`: which repositories hold a manifest has changed; what is said of the digest may depend on that. */
  constructor(options: {
    readonly records: Records;
    readonly upstreams: Upstreams;
    readonly now: () => number;
    readonly onNew: (digest: Digest) => void;
  }) {
    this.#records = options.records;
    this.#upstreams = options.upstreams;
    this.#now = options.now;
    this.#onNew = options.onNew;
  }

  held(address: RepositoryAddress, digest: Digest): StoredManifest | null {
    return this.#held.get(keyOf(address, digest)) ?? null;
  }

  /** @throws PratiqueError `manifest-unknown`, `manifest-invalid`, `digest-mismatch`, `upstream-…` */
  resolve(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest> {
    if (pointer.kind === 'digest') return this.#byDigest(address, pointer.digest);
    return this.#tags.run(`${repositoryKey(address)}:${pointer.tag}`, () =>
      this.#byTag(address, pointer.tag),
    );
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
    this.#onNew(digest);
  }

  async #byTag(address: RepositoryAddress, tag: string): Promise<StoredManifest> {
    if (isHosted(address)) {
      const digest = await this.#records.getTag(address, tag);
      if (digest === null) throw unknown(address, { kind: 'tag', tag });
      return this.#byDigest(address, digest);
    }
    const client = this.#upstreams.client(address);
    const head = await client.headManifest(address.path, { kind: 'tag', tag });
    const manifest =
      head.digest === null
        ? await this.#fetch(address, { kind: 'tag', tag })
        : await this.#byDigest(address, head.digest);
    await this.#records.putTag(address, tag, manifest.digest, new Date(this.#now()).toISOString());
    return manifest;
  }

  #byDigest(address: RepositoryAddress, digest: Digest): Promise<StoredManifest> {
    const held = this.held(address, digest);
    if (held !== null) return Promise.resolve(held);
    return this.#digests.run(keyOf(address, digest), async () => {
      const removals = this.#removals;
      const record = await this.#records.getManifest(address, digest);
      if (record !== null) {
        const stored = readBack(record);
        return removals === this.#removals ? this.#hold(address, stored) : stored;
      }
      if (isHosted(address)) throw unknown(address, { kind: 'digest', digest });
      return this.#fetch(address, { kind: 'digest', digest });
    });
  }

  async #fetch(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest> {
    const answer = await this.#upstreams.client(address).getManifest(address.path, pointer);
    const manifest = parseManifest(answer.bytes, answer.mediaType);
    const stored: StoredManifest = {
      digest: answer.digest,
      mediaType: manifest.mediaType,
      bytes: answer.bytes,
      manifest,
    };
    await this.#record(address, stored);
    return this.#hold(address, stored);
  }

  async #record(address: RepositoryAddress, stored: StoredManifest): Promise<void> {
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
