import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { ImageManifest } from '../core/image.ts';
import type { Records } from '../core/ports/records.ts';
import type { ImageScans, Scanned, ScanSource } from '../core/ports/scans.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import { blobsOf, parseManifest } from '../registry/manifest.ts';
import type { UpstreamClient, UpstreamConfig } from '../registry/upstream/client.ts';
import { analyzersOf } from '../scanner/analyzers.ts';
import type { ScanSettings } from '../scanner/settings.ts';
import { Analysis, type LayerFlights, type Progress } from './analysis.ts';
import type { AttachedLooks } from './attached-looks.ts';
import { type AttachmentSource, upstreamAttachments } from './attached-source.ts';
import { OwnedFlights } from './flights.ts';
import { verdictForHarbor } from './harbor-verdict.ts';
import type { Judge, Judged } from './judge.ts';
import type { VettingLimits } from './limits.ts';
import type { Blobs, LayerRunner, Matcher } from './ports.ts';
import { placeOf, type ScanPlace, type ScanRegistries } from './scan-upstream.ts';
import { createSemaphore } from './semaphore.ts';

/** Lends the client of a configuration, credentials included. */
export interface ClientLoans {
  use<Value>(config: UpstreamConfig, work: (client: UpstreamClient) => Promise<Value>): Promise<Value>;
}

/**
 * Scans of images in any registry, with the rights that each request brings. They go the way of the gate's vettings:
 * what one of them has fetched or found is not fetched or looked for by the other.
 */
export class RegistryScans implements ImageScans {
  readonly #scans = new OwnedFlights<Judged>();
  readonly #listeners = new Map<Digest, Set<Progress>>();
  readonly #options: RegistryScansOptions;
  readonly #enter: <T>(task: () => Promise<T>) => Promise<T>;

  constructor(options: RegistryScansOptions) {
    this.#options = options;
    this.#enter = createSemaphore(options.limits.concurrent, options.limits.queued);
  }

  async known(source: ScanSource): Promise<Scanned | null> {
    const { address } = placeOf(source, this.#options.registries);
    const judged = await this.#options.judge.rejudge(source.digest);
    return judged === null ? null : this.#scanned(address, judged);
  }

  async scan(source: ScanSource, onProgress: Progress): Promise<Scanned> {
    const place = placeOf(source, this.#options.registries);
    const { digest } = source;
    const listeners = this.#listeners.get(digest) ?? new Set();
    this.#listeners.set(digest, listeners);
    listeners.add(onProgress);
    try {
      const judged = await this.#scans.run(digest, { rights: source, asking: '' }, async () => {
        await this.#lookForAttached(place, digest);
        const known = await this.#options.judge.rejudge(digest);
        return known ?? (await this.#enter(() => this.#fetch(place, digest)));
      });
      return this.#scanned(place.address, judged);
    } finally {
      listeners.delete(onProgress);
      if (listeners.size === 0) this.#listeners.delete(digest);
    }
  }

  revision(): string | null {
    const { matcher, rulebook, program, settings } = this.#options;
    const advisories = matcher.revision();
    if (advisories === null) return null;
    const all = JSON.stringify([advisories, rulebook().set.revision, analyzersOf(settings), program]);
    return createHash('sha256').update(all).digest('hex').slice(0, 16);
  }

  /** Scans that run or wait for their turn. */
  get underWay(): number {
    return this.#scans.size;
  }

  #scanned(address: RepositoryAddress, judged: Judged): Scanned {
    const { rulebook, now } = this.#options;
    const verdict = verdictForHarbor(rulebook(), canonicalName(address), judged, now());
    return { inventory: judged.inventory, match: judged.match, verdict };
  }

  /** With the rights of who asks. What cannot be had does not end the scan. */
  #lookForAttached({ address, config }: ScanPlace, digest: Digest): Promise<void> {
    const { attached, clients } = this.#options;
    if (attached === undefined) return Promise.resolve();
    return attached.before(address, digest, borrowed(clients, config, address.path));
  }

  #fetch(place: ScanPlace, digest: Digest): Promise<Judged> {
    const { clients, records, runner, blobs, limits, settings, flights, judge } = this.#options;
    const tell: Progress = (done, total, layer) => {
      for (const listener of this.#listeners.get(digest) ?? []) listener(done, total, layer);
    };
    return clients.use(place.config, async (client) => {
      const manifest = await this.#manifest(client, place, digest);
      const analysis = new Analysis({
        records,
        blobs,
        limits,
        settings,
        flights,
        runner: runner(place.config),
        upstreams: { client: () => client },
      });
      return judge.inspect(analysis, place.address, digest, manifest, tell);
    });
  }

  /** The image's manifest, recorded as one that this repository has shown. */
  async #manifest(client: UpstreamClient, { address }: ScanPlace, digest: Digest): Promise<ImageManifest> {
    const { bytes, mediaType } = await client.getManifest(address.path, { kind: 'digest', digest });
    const manifest = parseManifest(bytes, mediaType);
    if (manifest.kind === 'index') {
      const name = `${canonicalName(address)}@${digest}`;
      throw new PratiqueError(
        'manifest-invalid',
        `${name} is an index of several images, not an image: scan the images that it names`,
        { repository: canonicalName(address), digest },
      );
    }
    await this.#options.records.putManifest(address, {
      digest,
      mediaType: manifest.mediaType,
      bytes,
      blobs: blobsOf(manifest).map((blob) => ({ digest: blob.digest, size: blob.size })),
    });
    this.#options.onHolder(digest);
    return manifest;
  }
}

/** Each request borrows the client for itself, so that none is lent where no look is due. */
function borrowed(clients: ClientLoans, config: UpstreamConfig, path: string): AttachmentSource {
  const use = <Value>(work: (source: AttachmentSource) => Promise<Value>): Promise<Value> =>
    clients.use(config, (client) => work(upstreamAttachments(client, path)));
  return {
    referrers: (subject) => use((source) => source.referrers(subject)),
    manifest: (pointer) => use((source) => source.manifest(pointer)),
    blob: (descriptor) => use((source) => source.blob(descriptor)),
  };
}

export interface RegistryScansOptions {
  /** Left out: what is attached to images is not looked for. */
  readonly attached?: Pick<AttachedLooks, 'before'>;
  readonly registries: ScanRegistries;
  readonly records: Records;
  readonly judge: Judge;
  readonly matcher: Pick<Matcher, 'revision'>;
  /** The one in force. */
  readonly rulebook: () => Rulebook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The program's version: another one may say the same differently. */
  readonly program: string;
  readonly clients: ClientLoans;
  readonly runner: (config: UpstreamConfig) => LayerRunner;
  readonly blobs: Blobs;
  readonly limits: VettingLimits;
  /** Those that the runner analyses with. */
  readonly settings: ScanSettings;
  /** Those of the gate's analysis. */
  readonly flights: LayerFlights;
  /** A repository was found to hold an image: what is said of it may depend on that. */
  readonly onHolder: (digest: Digest) => void;
}
