import type { Descriptor } from '../core/image.ts';
import type { Records } from '../core/ports/records.ts';
import { type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import { Arrivals, type ArrivalTicket } from '../registry/arrival.ts';
import type { BlobStore } from '../registry/blob-store.ts';
import type { UpstreamClient } from '../registry/upstream/client.ts';
import type { UpstreamConfig } from '../registry/upstream/config.ts';
import { analyzersOf } from '../scanner/analyzers.ts';
import { layerLimitsFor } from '../scanner/limits.ts';
import { Analysis, type LayerFlights } from '../vetting/analysis.ts';
import { OwnedFlights } from '../vetting/flights.ts';
import { defaultVettingLimits, type VettingLimits } from '../vetting/limits.ts';
import type { Blobs, LayerOutcome, LayerRunner, Upstreams } from '../vetting/ports.ts';
import type { Config } from './config/config.ts';
import type { Storage } from './storage.ts';
import type { UpstreamSet } from './upstreams.ts';
import type { WorkerPool } from './workers/pool.ts';

/** Everything by which an image is had and looked at. */
export interface Inspection {
  /** By the upstream's name. */
  readonly clients: ReadonlyMap<string, UpstreamClient>;
  readonly upstreams: Upstreams;
  readonly analysis: Analysis;
  /** Layers of an upstream that no configuration names. */
  readonly runnerFor: (upstream: UpstreamConfig) => LayerRunner;
  readonly blobs: Blobs;
  readonly flights: LayerFlights;
  /** Blobs on their way into the store. */
  readonly arrivals: Arrivals;
  readonly limits: VettingLimits;
  /** The key of inventories. */
  readonly analyzers: string;
}

export function createInspection(parts: {
  readonly config: Config;
  readonly records: Records;
  readonly storage: Pick<Storage, 'store' | 'folder' | 'inUse' | 'makeRoom'>;
  readonly pool: WorkerPool;
  readonly upstreams: UpstreamSet;
}): Inspection {
  const { config, records, storage, pool, upstreams: set } = parts;
  const { clients } = set;
  const { store, folder, inUse, makeRoom } = storage;
  const limits = {
    ...defaultVettingLimits,
    concurrent: config.limits.concurrentVettings,
    queued: config.limits.queuedVettings,
    imageBytes: config.limits.imageBytes,
  };
  const layerLimits = {
    ...layerLimitsFor(config.scanner.settings),
    uncompressedBytes: config.limits.layerUnpackedBytes,
    entries: config.limits.layerEntries,
  };
  const runnerOf = (reach: UpstreamSet['apart']): LayerRunner => ({
    fetch: (address, layer) =>
      reach(address.upstream, (upstream) =>
        following(arrivals, store, address, layer, (ticket) =>
          pool.fetchLayer({
            upstream,
            path: address.path,
            layer,
            store: folder,
            limits: layerLimits,
            ticket,
          }),
        ),
      ),
    analyse: (layer) => pool.analyseLayer({ layer, store: folder, limits: layerLimits }),
    assemble: (image) => pool.assemble(image),
  });
  const arrivals = new Arrivals();
  const upstreams: Upstreams = { client: (address) => set.client(address.upstream) };
  const blobs: Blobs = {
    has: (digest) => store.has(digest),
    size: (digest) => store.size(digest),
    bytes: (digest) => store.bytes(digest),
    during: (digests, work) => inUse.during(digests, work),
    makeRoom,
  };
  const flights: LayerFlights = new OwnedFlights();
  const runner = runnerOf((name, work) => set.apart(name, work));
  const { settings } = config.scanner;
  const analysis = new Analysis({ records, upstreams, limits, settings, blobs, runner, flights, arrivals });
  return {
    clients,
    upstreams,
    analysis,
    runnerFor: (upstream) => runnerOf((_name, work) => work(upstream)),
    blobs,
    flights,
    arrivals,
    limits,
    analyzers: analyzersOf(settings),
  };
}

/** Runs a download so that others can have its bytes as they come. */
function following(
  arrivals: Arrivals,
  store: BlobStore,
  address: RepositoryAddress,
  { digest, size }: Descriptor,
  download: (ticket: ArrivalTicket) => Promise<LayerOutcome>,
): Promise<LayerOutcome> {
  return new Promise((resolve, reject) => {
    const landing = (ticket: ArrivalTicket): Promise<LayerOutcome> => {
      const work = download(ticket);
      work.then(resolve, reject);
      return work;
    };
    arrivals.add(store.arriving(digest, size, landing), repositoryKey(address));
  });
}
