import { plainContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import { type Platform, parsePlatform } from '../core/platform.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import { boundPolicies, parsePolicySet } from '../policy/bindings/parse.ts';
import { makeRulebook } from '../policy/bindings/rule.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import type { Policy } from '../policy/policy.ts';
import { baselineText } from '../policy/ready/baseline.ts';
import type { UpstreamClient, UpstreamConfig } from '../registry/upstream/client.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';
import { defaultScanSettings } from '../scanner/settings.ts';
import { Analysis, type LayerFlights } from './analysis.ts';
import { Catalogue } from './catalogue.ts';
import { OwnedFlights } from './flights.ts';
import { Judge } from './judge.ts';
import { defaultVettingLimits, type VettingLimits } from './limits.ts';
import type { Blobs, LayerRunner, Matcher } from './ports.ts';
import { RegistryScans } from './registry-scans.ts';
import { foundIn, inventoryOf, type SampleImage, start } from './samples-images.ts';
import { type MemoryRecords, memoryRecords } from './samples-records.ts';
import type { ScanRegistries } from './scan-upstream.ts';
import { TagCounts } from './tag-counts.ts';
import { defaultTagTimes, type TagTimes } from './tag-times.ts';
import { Vetting } from './vetting.ts';

/** A small world for the tests of this room: images of one layer, an upstream, and everything behind the ports. */

export const team: RepositoryAddress = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
export const other: RepositoryAddress = { ...team, path: 'team/other' };
/** Who has no name. */
export const anybody = plainContext('proxy');

export interface World {
  readonly vetting: Vetting;
  readonly catalogue: Catalogue;
  readonly judge: Judge;
  readonly analysis: Analysis;
  /** Scans of any registry; all of them hold what the upstream holds. */
  readonly scans: RegistryScans;
  /** The configurations with which scans have asked registries, in order. */
  readonly reached: UpstreamConfig[];
  readonly records: MemoryRecords;
  readonly rulebook: Rulebook;
  /** What the upstream holds: repository and reference → manifest; repository and digest → blob is there. */
  readonly manifests: Map<string, StoredManifest>;
  readonly blobs: Set<string>;
  /** How the upstream answers for manifests. */
  readonly speech: {
    digests: boolean;
    etags: boolean;
    /** HEAD is answered when this resolves; null: at once. */
    silent: Promise<void> | null;
    failure: Error | null;
  };
  readonly counts: TagCounts;
  /** `GET blob team/app sha256:…` and so on, in order. */
  readonly asked: string[];
  /** Digests that were given to the matcher, and what is vulnerable. */
  readonly matched: string[];
  readonly vulnerable: Set<string>;
  /** Errors to throw for a blob. */
  readonly failing: Map<Digest, PratiqueError>;
  /** Now, milliseconds; null revision: no advisories. */
  clock: number;
  revision: string | null;
  put(
    address: RepositoryAddress,
    tag: string | null,
    ...stored: readonly (SampleImage | StoredManifest)[]
  ): void;
  /** Holds back the fetch of a blob until the returned function is called. */
  block(blob: Digest): () => void;
  /** As a request does: resolve, then ask. */
  ask(address: RepositoryAddress, digest: Digest, milliseconds: number): Promise<string>;
}

export interface WorldOptions {
  readonly platforms?: readonly string[];
  readonly limits?: Partial<VettingLimits>;
  readonly policy?: string;
  /** Left out: tags are asked of the upstream each time. */
  readonly tags?: Partial<TagTimes>;
  readonly registries?: Partial<ScanRegistries>;
  /** What a registry says to a scan's rights before anything else. */
  readonly admit?: (config: UpstreamConfig) => void;
}

export function createWorld(options: WorldOptions = {}): World {
  const records = memoryRecords();
  const manifests = new Map<string, StoredManifest>();
  const remote = new Set<string>();
  const local = new Set<Digest>();
  const asked: string[] = [];
  const matched: string[] = [];
  const vulnerable = new Set(['bad']);
  const failing = new Map<Digest, PratiqueError>();
  const blocked = new Map<Digest, Promise<void>>();
  const limits = { ...defaultVettingLimits, failureMemory: 50, ...options.limits };
  const now = (): number => world.clock;

  const missing = (code: 'manifest-unknown' | 'blob-unknown', what: string): PratiqueError =>
    new PratiqueError(code, `the upstream has no ${what}`);
  const speech: World['speech'] = { digests: true, etags: false, silent: null, failure: null };
  const manifestOf = (method: string, path: string, reference: string): StoredManifest => {
    asked.push(`${method} manifest ${path} ${reference}`);
    if (speech.failure !== null) throw speech.failure;
    const found = manifests.get(`${path} ${reference}`);
    if (found === undefined) throw missing('manifest-unknown', reference);
    return found;
  };
  const client: UpstreamClient = {
    headManifest: async (path, pointer, etag = null) => {
      await speech.silent;
      const found = manifestOf('HEAD', path, pointer.kind === 'tag' ? pointer.tag : pointer.digest);
      const { mediaType, bytes } = found;
      const said = { mediaType, size: bytes.length, etag: speech.etags ? `"${found.digest}"` : null };
      const isUnchanged = said.etag !== null && said.etag === etag;
      if (isUnchanged) asked.push('304');
      return { ...said, digest: speech.digests ? found.digest : null, isUnchanged };
    },
    getManifest: async (path, pointer) => {
      await Promise.resolve();
      const found = manifestOf('GET', path, pointer.kind === 'tag' ? pointer.tag : pointer.digest);
      const etag = speech.etags ? `"${found.digest}"` : null;
      return { bytes: found.bytes, mediaType: found.mediaType, digest: found.digest, etag };
    },
    getReferrers: () => Promise.resolve(null),
    headBlob: (path, digest) => {
      asked.push(`HEAD blob ${path} ${digest}`);
      return Promise.resolve(remote.has(`${path} ${digest}`) ? { size: 1 } : null);
    },
    putBlob: () => Promise.reject(new Error('never pushed to')),
    putManifest: () => Promise.reject(new Error('never pushed to')),
    deleteManifest: () => Promise.reject(new Error('never pushed to')),
    openBlob: () => Promise.reject(new Error('blobs come by the runner')),
    enter: () => Promise.resolve(() => undefined),
    authorization: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };

  const runner: LayerRunner = {
    fetch: async ({ path }, { digest }) => {
      asked.push(`GET blob ${path} ${digest}`);
      await blocked.get(digest);
      const failure = failing.get(digest);
      if (failure !== undefined) throw failure;
      if (!remote.has(`${path} ${digest}`)) throw missing('blob-unknown', digest);
      local.add(digest);
      return {
        kind: 'analysed',
        analysis: { diffId: digest, tar: true, compressedBytes: 1, uncompressedBytes: 1, events: [] },
      };
    },
    analyse: ({ digest }) => Promise.reject(new Error(`${digest} was analysed when it was fetched`)),
    assemble: ({ manifest }) => Promise.resolve(inventoryOf(names.get(manifest.config.digest) ?? '')),
  };
  const names = new Map<Digest, string>();

  const matcher: Matcher = {
    revision: () => world.revision,
    match: (inventory) => {
      const name = inventory.packages[0]?.name ?? '';
      matched.push(name);
      return Promise.resolve(foundIn(name, vulnerable.has(name), world.revision ?? ''));
    },
  };
  const upstreams = { client: () => client };
  const settings = defaultScanSettings;
  const flights: LayerFlights = new OwnedFlights();
  const blobs: Blobs = {
    has: (digest) => Promise.resolve(local.has(digest)),
    size: () => Promise.resolve(2),
    bytes: () => Promise.resolve(Buffer.from('{}')),
    during: (_digests, work) => work(),
    makeRoom: () => Promise.resolve(),
  };
  const analysis = new Analysis({ records, runner, upstreams, limits, settings, blobs, flights });
  const book = rulebookOf(options.policy ?? baselineText);
  const policies = (): readonly Policy[] => boundPolicies(book.set);
  const judge = new Judge({
    ...{ records, analysis, matcher, policies, now },
    analyzers: ANALYZERS,
    logger: silentLogger,
  });
  const counts = new TagCounts();
  const made: { catalogue: Catalogue | null } = { catalogue: null };
  const vetting = new Vetting({
    catalogue: (onNew) => {
      made.catalogue = new Catalogue({
        records,
        upstreams,
        timesOf: () => ({ ...defaultTagTimes, ttl: 0, ...options.tags }),
        counts,
        logger: silentLogger,
        now,
        onNew,
      });
      return made.catalogue;
    },
    analysis,
    judge,
    rulebook: () => book,
    now,
    records,
    platforms: () =>
      (options.platforms ?? ['linux/amd64', 'linux/arm64']).flatMap((text): Platform[] => {
        const platform = parsePlatform(text);
        return platform === null ? [] : [platform];
      }),
    limits,
    logger: silentLogger,
  });
  if (made.catalogue === null) throw new Error('no catalogue was made');
  const reached: UpstreamConfig[] = [];
  const scans = new RegistryScans({
    registries: { hosts: null, ca: null, names: new Map(), realms: [], ...options.registries },
    records,
    judge,
    matcher,
    rulebook: () => book,
    now,
    program: '1',
    clients: {
      use: async (config, work) => {
        reached.push(config);
        options.admit?.(config);
        return work(client);
      },
    },
    runner: () => runner,
    settings,
    blobs,
    limits,
    flights,
    onHolder: (digest) => vetting.holdersChanged(digest),
  });

  const world: World = {
    vetting,
    catalogue: made.catalogue,
    judge,
    analysis,
    scans,
    reached,
    records,
    rulebook: book,
    manifests,
    blobs: remote,
    speech,
    counts,
    asked,
    matched,
    vulnerable,
    failing,
    clock: start,
    revision: 'r1',
    put: ({ path }, tag, ...all) => {
      for (const one of all) {
        const stored = 'stored' in one ? one.stored : one;
        manifests.set(`${path} ${stored.digest}`, stored);
        if (tag !== null) manifests.set(`${path} ${tag}`, stored);
        if (!('stored' in one)) continue;
        const { annotations } = JSON.parse(Buffer.from(stored.bytes).toString()) as {
          annotations: { name: string };
        };
        names.set(one.config, annotations.name);
        for (const blob of [one.config, one.layer]) remote.add(`${path} ${blob}`);
      }
    },
    block: (blob) => {
      const gate = { open: (): void => undefined };
      blocked.set(
        blob,
        new Promise((resolve) => {
          gate.open = resolve;
        }),
      );
      return () => gate.open();
    },
    ask: async (address, digest, milliseconds) => {
      const stored = await vetting.resolve(address, { kind: 'digest', digest });
      return (await vetting.settled(address, stored, 'serve', anybody, milliseconds)).status;
    },
  };
  return world;
}

/** A policy, or a set of them, as a file says it. */
export function rulebookOf(text: string): Rulebook {
  const noFile = (path: string): never => {
    throw new Error(`no file ${path}`);
  };
  return makeRulebook(parsePolicySet(text, 'p.yaml', noFile), []);
}

export function keyOf(address: RepositoryAddress, digest: Digest): string {
  return `${repositoryKey(address)} ${digest}`;
}
