import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { errorText, isPratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { TagAnswer } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import { canonicalName, type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import type { Missing } from './missing.ts';
import type { Upstreams } from './ports.ts';
import type { TagCounts } from './tag-counts.ts';
import { TagFlight } from './tag-flight.ts';
import type { TagTimes } from './tag-times.ts';

/** Tags in memory, of proxied repositories; what others were is in the records. */
const tagsInMemory = 20_000;
/** Milliseconds after which a tag that stays where it is is recorded again, for its age after a restart. */
const recordEvery = 10 * 60_000;
/** Milliseconds for which an upstream that has failed is not asked for the tag again, while there is something to serve. */
const rest = { least: 1000, usual: 5000, longest: 60_000 };

/** What an upstream has said of a tag. */
interface Known {
  readonly digest: Digest;
  /** Milliseconds since 1970. */
  readonly heardAt: number;
  readonly recordedAt: number;
  /** Of the upstream's answer. */
  readonly etag: string | null;
  /** Until then it is not asked again. */
  restUntil: number;
}

export interface TagsParts {
  readonly records: Pick<Records, 'putTag' | 'tagSeen' | 'dropTag'>;
  readonly upstreams: Upstreams;
  readonly timesOf: (upstream: string) => TagTimes;
  readonly missing: Missing;
  readonly counts: TagCounts;
  readonly manifests: {
    held(address: RepositoryAddress, digest: Digest): StoredManifest | null;
    /** As far as it is known without asking the upstream. */
    known(address: RepositoryAddress, digest: Digest): Promise<StoredManifest | null>;
    byDigest(address: RepositoryAddress, digest: Digest): Promise<StoredManifest>;
    /** With the `ETag` that came with these bytes. */
    fetchTag(
      address: RepositoryAddress,
      tag: string,
    ): Promise<{ readonly manifest: StoredManifest; readonly etag: string | null }>;
  };
  readonly now: () => number;
  readonly logger: Logger;
}

/** Which manifest the tags of proxied repositories mean, and how long that is gone by (ADR 0025). */
export class Tags {
  readonly #known = new LRUCache<string, Known>({ max: tagsInMemory });
  readonly #flights = new Map<string, TagFlight>();
  readonly #parts: TagsParts;

  constructor(parts: TagsParts) {
    this.#parts = parts;
  }

  /** From memory, where the upstream was heard within the tag's time: no database, no upstream, no waiting. */
  held(address: RepositoryAddress, tag: string): StoredManifest | null {
    const known = this.#known.get(keyOf(address, tag));
    if (known === undefined || !this.#isFresh(address, known)) return null;
    const manifest = this.#parts.manifests.held(address, known.digest);
    if (manifest !== null) this.#parts.counts.add(address.upstream, 'fresh');
    return manifest;
  }

  /** See `Gate.tag`. */
  async find(
    address: RepositoryAddress,
    tag: string,
    freshness: 'held' | 'now' | 'certain',
  ): Promise<TagAnswer> {
    const key = keyOf(address, tag);
    if (freshness === 'held') {
      const fresh = await this.#fresh(address, key);
      if (fresh !== null) return { manifest: fresh, staleAge: null };
      const absence = this.#parts.missing.of(key);
      if (absence !== null) {
        this.#parts.counts.add(address.upstream, 'negative-hit');
        throw absence;
      }
    }
    const times = this.#parts.timesOf(address.upstream);
    const mayBeStale = freshness !== 'certain' && times.staleFor > 0;
    if (mayBeStale && (this.#known.get(key)?.restUntil ?? 0) > this.#parts.now()) {
      const stale = await this.#stale(address, tag, key);
      if (stale !== null) return stale;
    }
    const flight = this.#ask(address, tag, key);
    let landing = mayBeStale ? await flight.within(times.staleAfter) : await flight.landing;
    if (landing === null) {
      const stale = await this.#stale(address, tag, key);
      if (stale !== null) {
        this.#tellLate(address, tag, flight);
        return stale;
      }
      landing = await flight.landing;
    }
    if (landing.kind === 'found') return { manifest: landing.manifest, staleAge: null };
    const stale = mayBeStale && isOutage(landing.error) ? await this.#stale(address, tag, key) : null;
    if (stale === null) throw landing.error;
    return stale;
  }

  /** It was pushed through here: what is asked of the upstream just now may be from before. Durable when it resolves. */
  async pushed(address: RepositoryAddress, tag: string, digest: Digest): Promise<void> {
    const key = keyOf(address, tag);
    this.#overtake(key);
    this.#parts.missing.clear(key);
    await this.#keep(address, tag, key, digest, null, null);
  }

  /** It was deleted through here. Durable when it resolves. */
  async removed(address: RepositoryAddress, tag: string): Promise<void> {
    const key = keyOf(address, tag);
    this.#overtake(key);
    await this.#drop(address, tag, key);
  }

  /** The digest was deleted through here, and so was every tag that led to it. */
  forget(address: RepositoryAddress, digest: Digest): void {
    const prefix = `${repositoryKey(address)}:`;
    for (const [key, known] of this.#known.entries()) {
      if (known.digest === digest && key.startsWith(prefix)) this.#known.delete(key);
    }
    for (const key of this.#flights.keys()) if (key.startsWith(prefix)) this.#overtake(key);
  }

  #isFresh(address: RepositoryAddress, { heardAt }: Known): boolean {
    const age = this.#parts.now() - heardAt;
    // A clock that was set back makes nothing fresh.
    return age >= 0 && age < this.#parts.timesOf(address.upstream).ttl;
  }

  async #fresh(address: RepositoryAddress, key: string): Promise<StoredManifest | null> {
    const known = this.#known.get(key);
    if (known === undefined || !this.#isFresh(address, known)) return null;
    const manifest = await this.#parts.manifests.known(address, known.digest);
    if (manifest !== null) this.#parts.counts.add(address.upstream, 'fresh');
    return manifest;
  }

  /** What the upstream has said last, if that is not too long ago; null: nothing is known, or not any more. */
  async #stale(address: RepositoryAddress, tag: string, key: string): Promise<TagAnswer | null> {
    const known = await this.#lastKnown(address, tag, key);
    if (known === null) return null;
    const age = Math.abs(this.#parts.now() - known.heardAt);
    if (age > this.#parts.timesOf(address.upstream).staleFor) return null;
    const manifest = await this.#parts.manifests.known(address, known.digest);
    if (manifest === null) return null;
    this.#parts.counts.add(address.upstream, 'stale');
    return { manifest, staleAge: Math.floor(age / 1000) };
  }

  async #lastKnown(address: RepositoryAddress, tag: string, key: string): Promise<Known | null> {
    const held = this.#known.get(key);
    if (held !== undefined) return held;
    const seen = await this.#parts.records.tagSeen(address, tag);
    // While the records were read the upstream, or a push, may have said more.
    const newer = this.#known.get(key);
    if (newer !== undefined) return newer;
    const seenAt = Date.parse(seen?.seenAt ?? '');
    if (seen === null || Number.isNaN(seenAt)) return null;
    return { digest: seen.digest, heardAt: seenAt, recordedAt: seenAt, etag: null, restUntil: 0 };
  }

  /** One question for all who want to know. Nobody's leaving ends it. */
  #ask(address: RepositoryAddress, tag: string, key: string): TagFlight {
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight = new TagFlight(async (its) => {
      try {
        return await this.#revalidate(address, tag, key, its);
      } catch (error) {
        if (!its.overtaken) await this.#failed(address, tag, key, error, its);
        throw error;
      } finally {
        if (this.#flights.get(key) === its) this.#flights.delete(key);
      }
    });
    this.#flights.set(key, flight);
    return flight;
  }

  async #revalidate(
    address: RepositoryAddress,
    tag: string,
    key: string,
    flight: TagFlight,
  ): Promise<StoredManifest> {
    const { manifests, upstreams } = this.#parts;
    const before = this.#known.get(key);
    const client = upstreams.client(address);
    const head = await client.headManifest(address.path, { kind: 'tag', tag }, before?.etag ?? null);
    const digest = head.isUnchanged && before !== undefined ? before.digest : head.digest;
    // An ETag belongs to the bytes that it came with: the tag may have moved since the HEAD.
    const { manifest, etag } =
      digest === null
        ? await manifests.fetchTag(address, tag)
        : { manifest: await manifests.byDigest(address, digest), etag: head.etag };
    if (!flight.overtaken) await this.#keep(address, tag, key, manifest.digest, etag, flight);
    return manifest;
  }

  /** @param flight null: it comes from a push */
  async #keep(
    address: RepositoryAddress,
    tag: string,
    key: string,
    digest: Digest,
    etag: string | null,
    flight: TagFlight | null,
  ): Promise<void> {
    const { records, counts, missing } = this.#parts;
    const before = this.#known.get(key);
    const heardAt = this.#parts.now();
    const stays = before?.digest === digest;
    if (flight !== null) counts.add(address.upstream, stays ? 'unchanged' : 'moved');
    let recordedAt = before?.recordedAt ?? 0;
    if (!stays || Math.abs(heardAt - recordedAt) >= recordEvery) {
      recordedAt = heardAt;
      await records.putTag(address, tag, digest, new Date(heardAt).toISOString());
    }
    if (flight?.overtaken === true) return;
    this.#known.set(key, { digest, heardAt, recordedAt, etag, restUntil: 0 });
    missing.clear(key);
  }

  async #failed(
    address: RepositoryAddress,
    tag: string,
    key: string,
    error: unknown,
    flight: TagFlight,
  ): Promise<void> {
    const { counts, missing, now, logger, timesOf } = this.#parts;
    const code = isPratiqueError(error) ? error.code : null;
    counts.add(address.upstream, code === 'manifest-unknown' ? 'missing' : 'error');
    const times = timesOf(address.upstream);
    // What the upstream denies or refuses is not papered over, now or when it is away later.
    if (code === 'manifest-unknown' || code === 'upstream-refused') {
      await this.#drop(address, tag, key);
      if (!flight.overtaken) missing.note(key, error, times.missingTtl);
      return;
    }
    if (!isOutage(error) || times.staleFor === 0) return;
    const known = await this.#lastKnown(address, tag, key);
    if (known === null || flight.overtaken) return;
    known.restUntil = now() + restAfter(error);
    this.#known.set(key, known);
    const fields = { image: `${canonicalName(address)}:${tag}`, digest: known.digest, why: errorText(error) };
    logger.warn(fields, 'the upstream did not answer for a tag: what it said last is served');
  }

  #tellLate(address: RepositoryAddress, tag: string, flight: TagFlight): void {
    if (flight.told) return;
    flight.told = true;
    const image = `${canonicalName(address)}:${tag}`;
    this.#parts.logger.warn(
      { image },
      'the upstream is slow to answer for a tag: what it said last is served',
    );
  }

  async #drop(address: RepositoryAddress, tag: string, key: string): Promise<void> {
    this.#known.delete(key);
    // Most tags that are not there never were: no write is waited for then.
    const seen = await this.#parts.records.tagSeen(address, tag);
    if (seen !== null) await this.#parts.records.dropTag(address, tag, seen.digest);
  }

  #overtake(key: string): void {
    const flight = this.#flights.get(key);
    if (flight === undefined) return;
    flight.overtaken = true;
    this.#flights.delete(key);
  }
}

function keyOf(address: RepositoryAddress, tag: string): string {
  return `${repositoryKey(address)}:${tag}`;
}

/** Whether the upstream has said nothing of the tag, rather than something that counts. */
function isOutage(error: unknown): boolean {
  return isPratiqueError(error) && outages.has(error.code);
}

const outages: ReadonlySet<string> = new Set([
  'upstream-unreachable',
  'upstream-throttled',
  'upstream-misbehaved',
]);

function restAfter(error: unknown): number {
  const told = isPratiqueError(error) ? error.fields.retryAfter : null;
  if (typeof told !== 'number' || !Number.isFinite(told)) return rest.usual;
  return Math.min(Math.max(rest.least, told * 1000), rest.longest);
}
