import type { Digest } from '../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Descriptor, ImageManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Records } from '../core/ports/records.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { canonicalName, isHosted, repositoryKey } from '../core/repository.ts';
import type { Arrival, Arrivals } from '../registry/arrival.ts';
import { analyzersOf, layerAnalyzersOf } from '../scanner/analyzers.ts';
import type { LayerAnalysis } from '../scanner/layer.ts';
import type { ScanSettings } from '../scanner/settings.ts';
import { readConfig } from './content.ts';
import { EarlyLooks } from './early-looks.ts';
import { OwnedFlights } from './flights.ts';
import type { VettingLimits } from './limits.ts';
import type { Blobs, ConfigRead, LayerOutcome, LayerRunner, Upstreams } from './ports.ts';
import { ToldByLayers } from './told.ts';

/** Told as layers come in, so that who waits can be told how far it is. */
export type Progress = (done: number, total: number, layer: Digest) => void;

/** Blobs of one image that are looked for before it is inspected; further ones count as missing. */
const mostLookedFor = 500;

/** Layers under way by digest; shared by all who analyse, so that a blob is downloaded once at a time. */
export type LayerFlights = OwnedFlights<LayerOutcome>;

/** From a manifest to what is in it. The store holds the image's blobs when an inventory is returned. */
export class Analysis {
  readonly #layers: LayerFlights;
  readonly #records: Records;
  readonly #runner: LayerRunner;
  readonly #upstreams: Upstreams;
  readonly #blobs: Blobs;
  readonly #limits: VettingLimits;
  readonly #arrivals: Arrivals | null;
  readonly #settings: ScanSettings;
  /** The key of the layers' analyses. */
  readonly #analyzers: string;

  constructor(options: {
    readonly records: Records;
    readonly runner: LayerRunner;
    readonly upstreams: Upstreams;
    readonly blobs: Blobs;
    readonly limits: VettingLimits;
    /** Those that the runner analyses with. */
    readonly settings: ScanSettings;
    readonly flights?: LayerFlights;
    readonly arrivals?: Arrivals;
  }) {
    this.#arrivals = options.arrivals ?? null;
    this.#layers = options.flights ?? new OwnedFlights();
    this.#records = options.records;
    this.#runner = options.runner;
    this.#upstreams = options.upstreams;
    this.#blobs = options.blobs;
    this.#limits = options.limits;
    this.#settings = options.settings;
    this.#analyzers = layerAnalyzersOf(options.settings);
  }

  /**
   * @param early is shown inventories of what has come while large layers are on their way; what becomes of it is not awaited
   * @throws PratiqueError when the bytes could not be had (transient). What is wrong with the image itself is in
   * the inventory's `unfit` and `incomplete`.
   */
  async inventory(
    address: RepositoryAddress,
    manifest: ImageManifest,
    onProgress: Progress,
    early?: (inventory: Inventory) => Promise<unknown>,
  ): Promise<Inventory> {
    const tooLarge = this.#tooLarge(manifest);
    if (tooLarge !== null) return refusedUnread(manifest, tooLarge, analyzersOf(this.#settings));
    const blobs = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
    return this.#blobs.during(blobs, () => this.#inventory(address, manifest, onProgress, early));
  }

  async #inventory(
    address: RepositoryAddress,
    manifest: ImageManifest,
    onProgress: Progress,
    early: ((inventory: Inventory) => Promise<unknown>) | undefined,
  ): Promise<Inventory> {
    let done = 0;
    const config = this.#config(address, manifest.config);
    const looks =
      early === undefined
        ? null
        : new EarlyLooks(manifest, async (parts) => {
            const read = await config;
            await early(await this.#runner.assemble({ ...parts, read, settings: this.#settings }));
          });
    const told = new ToldByLayers(this.#limits.toldCharacters);
    const distinct = new Map<Digest, Promise<LayerOutcome>>();
    const outcomeOf = (layer: Descriptor): Promise<LayerOutcome> => {
      const outcome = distinct.get(layer.digest) ?? this.#layer(address, layer, told);
      distinct.set(layer.digest, outcome);
      return outcome;
    };
    const [read, layers] = await Promise.all([
      config,
      Promise.all(
        manifest.layers.map(async (layer, position) => {
          const result = told.add(await outcomeOf(layer));
          done += 1;
          onProgress(done, manifest.layers.length, layer.digest);
          looks?.came(position, result);
          return result;
        }),
      ),
    ]);
    return this.#runner.assemble({ manifest, read, layers, settings: this.#settings });
  }

  /** Bytes of an image's blobs that are not in the store, as its manifest states them. */
  async toFetch({ config, layers }: ImageManifest): Promise<number> {
    const sizes = new Map([config, ...layers].map(({ digest, size }) => [digest, size]));
    let bytes = 0;
    let looked = 0;
    for (const [digest, size] of sizes) {
      looked += 1;
      if (looked > mostLookedFor || !(await this.#blobs.has(digest))) bytes += size;
    }
    return bytes;
  }

  /** Brings a blob into the store, proven to be in this repository; shared by all who want it. */
  async bring(address: RepositoryAddress, blob: Descriptor): Promise<void> {
    await this.#blobs.during([blob.digest], async () => {
      if (!(await this.#blobs.has(blob.digest))) await this.#fetch(address, blob);
      await this.#prove(address, blob.digest);
    });
  }

  /** Bytes of a blob that this repository holds. @throws PratiqueError `blob-unknown`; those of the upstream */
  async sizeOf(address: RepositoryAddress, digest: Digest): Promise<number> {
    if ((await this.#records.isProven(address, digest)) && (await this.#blobs.has(digest))) {
      return this.#blobs.size(digest);
    }
    if (isHosted(address)) throw notThere(address, digest);
    const found = await this.#upstreams.client(address).headBlob(address.path, digest);
    if (found === null) throw notThere(address, digest);
    if (found.size === null) throw unsized(address, digest);
    return found.size;
  }

  /** The blob while `bringing` brings it, if this repository's own upstream gives it; null: it has come, or will not. */
  async arriving(
    address: RepositoryAddress,
    digest: Digest,
    bringing: Promise<void>,
  ): Promise<Arrival | null> {
    return (await this.#arrivals?.next(digest, repositoryKey(address), bringing)) ?? null;
  }

  /**
   * Analyses a blob that is in the store and may turn out to be a layer, before a manifest names it. What it is found
   * to be is recorded; a blob that is no archive too.
   */
  async prepare(blob: Digest): Promise<void> {
    await this.#blobs.during([blob], () =>
      this.#held({ mediaType: '', digest: blob, size: 0, platform: null }),
    );
  }

  /** One download per blob. Whoever joins another repository's has yet to prove that its own upstream has it. */
  #fetch(address: RepositoryAddress, blob: Descriptor): Promise<LayerOutcome> {
    if (isHosted(address)) return Promise.reject(notThere(address, blob.digest));
    // That another repository does not have it, or that another manifest tells another size, says nothing of this one.
    const owner = { rights: this, asking: `${repositoryKey(address)} ${blob.size}` };
    return this.#layers.run(blob.digest, owner, async () => {
      const fresh = await this.#fetchWithRoom(address, blob);
      await this.#keep(blob.digest, fresh);
      await this.#records.prove(address, blob.digest);
      return fresh;
    });
  }

  /** A full disk is given one chance. */
  async #fetchWithRoom(address: RepositoryAddress, blob: Descriptor): Promise<LayerOutcome> {
    try {
      return await this.#runner.fetch(address, blob);
    } catch (error) {
      if (!isPratiqueError(error) || error.code !== 'storage-full') throw error;
      await this.#blobs.makeRoom(blob.size);
      return this.#runner.fetch(address, blob);
    }
  }

  async #keep(layer: Digest, outcome: LayerOutcome): Promise<void> {
    if (outcome.kind !== 'analysed') return;
    await this.#records.putLayer(layer, this.#analyzers, JSON.stringify(outcome.analysis));
  }

  /** Asks the upstream whether this repository has the blob, once; a manifest that names it is no proof. */
  async #prove(address: RepositoryAddress, blob: Digest): Promise<void> {
    if (await this.#records.isProven(address, blob)) return;
    if (isHosted(address)) throw notThere(address, blob);
    const found = await this.#upstreams.client(address).headBlob(address.path, blob);
    if (found === null) throw notThere(address, blob);
    await this.#records.prove(address, blob);
  }

  #tooLarge(manifest: ImageManifest): string | null {
    const bytes = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
    if (bytes > this.#limits.imageBytes) {
      return `its layers have ${bytes} bytes, the limit is ${this.#limits.imageBytes} (limits.imageBytes)`;
    }
    if (manifest.config.size > this.#limits.configBytes) {
      return `its config has ${manifest.config.size} bytes, the limit is ${this.#limits.configBytes}`;
    }
    return null;
  }

  async #config(address: RepositoryAddress, descriptor: Descriptor): Promise<ConfigRead> {
    await this.bring(address, descriptor);
    return readConfig(await this.#blobs.bytes(descriptor.digest));
  }

  async #layer(address: RepositoryAddress, layer: Descriptor, told: ToldByLayers): Promise<LayerOutcome> {
    if (told.isFull) return told.refused();
    const result = (await this.#blobs.has(layer.digest))
      ? await this.#held(layer, told)
      : await this.#fetch(address, layer);
    await this.#prove(address, layer.digest);
    return result;
  }

  /** The analysis of a layer that is in the store: made before, or made now from the stored bytes. */
  async #held(layer: Descriptor, told?: ToldByLayers): Promise<LayerOutcome> {
    const stored = await this.#records.getLayer(layer.digest, this.#analyzers);
    if (told?.isFull === true) return told.refused();
    if (stored !== null) return { kind: 'analysed', analysis: JSON.parse(stored) as LayerAnalysis };
    return this.#layers.run(layer.digest, { rights: this, asking: '' }, async () => {
      const fresh = await this.#runner.analyse(layer);
      await this.#keep(layer.digest, fresh);
      return fresh;
    });
  }
}

function notThere(address: RepositoryAddress, blob: Digest): PratiqueError {
  const repository = canonicalName(address);
  return new PratiqueError('blob-unknown', `${repository} has no blob ${blob}`, { repository, digest: blob });
}

function unsized(address: RepositoryAddress, digest: Digest): PratiqueError {
  const repository = canonicalName(address);
  return new PratiqueError(
    'upstream-misbehaved',
    `the upstream of ${repository} does not say how large ${digest} is`,
    {
      repository,
      digest,
    },
  );
}

/** The inventory of an image that was not even looked at. */
function refusedUnread(manifest: ImageManifest, why: string, analyzers: string): Inventory {
  return {
    os: null,
    platform: null,
    packages: [],
    incomplete: [],
    unfit: [...manifest.hazards, why],
    analyzers,
    content: 'image',
    facts: null,
    checks: [],
  };
}
