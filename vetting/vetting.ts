import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { errorTable, type PlainError, PratiqueError, toPlainError } from '../core/errors.ts';
import type { Descriptor, ImageManifest, IndexManifest, StoredManifest } from '../core/image.ts';
import { formatPlatform, type Platform } from '../core/platform.ts';
import type { BlobClearance, Clearance, ClearanceScope, Gate } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import {
  canonicalName,
  type ManifestPointer,
  type RepositoryAddress,
  repositoryKey,
} from '../core/repository.ts';
import { allows, type Verdict } from '../core/verdict.ts';
import type { Analysis } from './analysis.ts';
import type { Catalogue } from './catalogue.ts';
import { combine, namedChildren, noNamedPlatform } from './combine.ts';
import { Flights } from './flights.ts';
import type { Judge } from './judge.ts';
import type { VettingLimits } from './limits.ts';
import { createSemaphore } from './semaphore.ts';

/** Verdicts kept in memory; the rest is read from the records when asked for. */
const verdictsInMemory = 20_000;

type Outcome = { readonly verdict: Verdict } | { readonly failure: PlainError };

/** A manifest that refers to a blob, and the size that it gives it. */
interface Holder {
  readonly clearance: Clearance;
  readonly size: number;
}

interface Child {
  readonly descriptor: Descriptor;
  /** Platform as the index states it: what a runtime chooses by. */
  readonly platform: string | null;
}

/** The gate's memory and the vettings under way. Everything that gates ask goes through `clearance`. */
export class Vetting implements Gate {
  readonly #verdicts = new LRUCache<Digest, Verdict>({ max: verdictsInMemory });
  readonly #failures: LRUCache<Digest, PlainError>;
  readonly #flights = new Flights<Outcome>();
  readonly #progress = new Map<Digest, { done: number; total: number }>();
  readonly #enter: <T>(task: () => Promise<T>) => Promise<T>;
  readonly #catalogue: Catalogue;
  readonly #analysis: Analysis;
  readonly #judge: Judge;
  readonly #records: Records;
  readonly #platforms: readonly Platform[];
  readonly #limits: VettingLimits;
  readonly #logger: Logger;

  constructor(options: {
    readonly catalogue: (onNew: (digest: Digest) => void) => Catalogue;
    readonly analysis: Analysis;
    readonly judge: Judge;
    readonly records: Records;
    readonly platforms: readonly Platform[];
    readonly limits: VettingLimits;
    readonly logger: Logger;
  }) {
    this.#catalogue = options.catalogue((digest) => this.#verdicts.delete(digest));
    this.#analysis = options.analysis;
    this.#judge = options.judge;
    this.#records = options.records;
    this.#platforms = options.platforms;
    this.#limits = options.limits;
    this.#logger = options.logger;
    this.#enter = createSemaphore(options.limits.concurrent, options.limits.queued);
    this.#failures = new LRUCache({ max: 10_000, ttl: options.limits.failureMemory });
  }

  get underWay(): number {
    return this.#flights.size;
  }

  resolve(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest> {
    return this.#catalogue.resolve(address, pointer);
  }

  held(address: RepositoryAddress, digest: Digest): StoredManifest | null {
    return this.#catalogue.held(address, digest);
  }

  clearance(address: RepositoryAddress, stored: StoredManifest, scope: ClearanceScope): Clearance {
    return this.#clearance(address, stored, scope, null, 0);
  }

  async settled(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    milliseconds: number,
  ): Promise<Clearance> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const now = this.clearance(address, stored, scope);
      const left = deadline - performance.now();
      if (now.status !== 'pending' || left <= 0) return now;
      await firstOf(this.#changes(address, stored, scope, 0), left);
      // Whatever woke us may have changed nothing; the event loop must get its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async blob(address: RepositoryAddress, digest: Digest, milliseconds: number): Promise<BlobClearance> {
    const holders = await this.#records.manifestsWithBlob(address, digest);
    // First without waiting, so that a pending manifest never holds up a blob that another one clears.
    const now = await this.#bestHolder(address, holders, 0);
    const best =
      now === null || now.clearance.status !== 'pending'
        ? now
        : await this.#bestHolder(address, holders, milliseconds);
    if (best === null) return noHolder(canonicalName(address), digest);
    const { status, reasons, transient } = best.clearance;
    const descriptor = { mediaType: '', digest, size: best.size, platform: null };
    return {
      status,
      reasons,
      size: best.size,
      transient,
      fetch: allows(status) ? () => this.#analysis.bring(address, descriptor) : () => neverFetched(digest),
    };
  }

  /** An allowed manifest among those that refer to a blob, else one that may become allowed, else any refused. */
  async #bestHolder(
    address: RepositoryAddress,
    holders: readonly { readonly manifest: Digest; readonly size: number }[],
    milliseconds: number,
  ): Promise<Holder | null> {
    const deadline = performance.now() + milliseconds;
    let best: Holder | null = null;
    for (const { manifest, size } of holders) {
      const stored = await this.#catalogue.resolve(address, { kind: 'digest', digest: manifest });
      const left = Math.max(0, deadline - performance.now());
      const clearance = await this.settled(address, stored, 'serve', left);
      if (allows(clearance.status)) return { clearance, size };
      if (best === null || clearance.status === 'pending') best = { clearance, size };
    }
    return best;
  }

  /** Forgets what depends on advisories; verdicts are made again from recorded inventories when asked for. */
  advisoriesChanged(): void {
    this.#verdicts.clear();
    this.#failures.clear();
  }

  #clearance(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    platform: string | null,
    depth: number,
  ): Clearance {
    const { manifest } = stored;
    if (manifest.kind === 'image') return this.#image(address, stored.digest, manifest, platform);
    if (manifest.hazards.length > 0) return refusal(stored.digest, manifest.hazards);
    if (depth >= this.#limits.indexDepth) {
      return refusal(stored.digest, [`indexes nest deeper than ${this.#limits.indexDepth} levels`]);
    }
    const children = this.#children(manifest);
    if (children.length === 0) return noNamedPlatform(stored.digest, manifest.manifests, this.#platforms);
    const clearances = children.map((child) => this.#child(address, child, scope, depth));
    return combine(stored.digest, clearances, scope);
  }

  #child(address: RepositoryAddress, child: Child, scope: ClearanceScope, depth: number): Clearance {
    const { digest } = child.descriptor;
    const held = this.#catalogue.held(address, digest);
    if (held !== null) return this.#clearance(address, held, scope, child.platform, depth + 1);
    const failure = this.#failures.get(digest);
    if (failure !== undefined) return failed(digest, child.platform, failure);
    return pending(digest, child.platform, 'its manifest is being fetched');
  }

  #image(
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    platform: string | null,
  ): Clearance {
    const verdict = this.#verdicts.get(digest);
    if (verdict !== undefined && this.#judge.isCurrent(verdict)) return judged(digest, platform, verdict);
    const failure = this.#failures.get(digest);
    if (failure !== undefined) return failed(digest, platform, failure);
    this.#keepGoing(this.#start(address, digest, manifest));
    const progress = this.#progress.get(digest);
    const far = progress === undefined ? '' : ` (${progress.done} of ${progress.total} layers)`;
    return pending(digest, platform, `it is being inspected${far}`);
  }

  /** Starts a vetting if none is under way. Nobody's leaving ends it. */
  #start(address: RepositoryAddress, digest: Digest, manifest: ImageManifest): Promise<Outcome> {
    return this.#flights.run(digest, async () => {
      try {
        const verdict = await this.#enter(() =>
          this.#judge.vet(address, digest, manifest, (done, total) =>
            this.#progress.set(digest, { done, total }),
          ),
        );
        this.#verdicts.set(digest, verdict);
        return { verdict };
      } catch (error) {
        const failure = toPlainError(error, 'vetting-failed');
        this.#failures.set(digest, failure);
        this.#logger.warn(
          { image: canonicalName(address), digest, ...failure.fields, err: error },
          'vetting failed',
        );
        return { failure };
      } finally {
        this.#progress.delete(digest);
      }
    });
  }

  /** A vetting goes on though nobody awaits it here; it reports failures in its outcome, never by rejecting. */
  #keepGoing(flight: Promise<Outcome>): void {
    flight.catch((error: unknown) =>
      this.#logger.error({ err: error }, 'a vetting ended without an outcome'),
    );
  }

  /** Resolves when something that a pending clearance waits for has happened. Never rejects. */
  async #changes(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    depth: number,
  ): Promise<void> {
    const { manifest } = stored;
    if (manifest.kind === 'image') {
      await this.#start(address, stored.digest, manifest);
      return;
    }
    const waits: Promise<void>[] = [];
    for (const { descriptor, platform } of this.#children(manifest)) {
      const held = this.#catalogue.held(address, descriptor.digest);
      if (held === null) waits.push(this.#fetchChild(address, descriptor.digest));
      else if (depth < this.#limits.indexDepth) {
        const child = this.#clearance(address, held, scope, platform, depth + 1);
        if (child.status === 'pending') waits.push(this.#changes(address, held, scope, depth + 1));
      }
    }
    if (waits.length > 0) await Promise.race(waits);
  }

  async #fetchChild(address: RepositoryAddress, digest: Digest): Promise<void> {
    if (this.#failures.has(digest)) return;
    try {
      await this.#catalogue.resolve(address, { kind: 'digest', digest });
    } catch (error) {
      const failure = toPlainError(error, 'vetting-failed');
      this.#failures.set(digest, failure);
      this.#logger.warn(
        { repository: repositoryKey(address), digest, ...failure.fields, err: error },
        'child manifest could not be fetched',
      );
    }
  }

  #children(manifest: IndexManifest): Child[] {
    return namedChildren(manifest.manifests, this.#platforms).map((descriptor) => ({
      descriptor,
      platform: descriptor.platform === null ? null : formatPlatform(descriptor.platform),
    }));
  }
}

/** Resolves with whichever comes first; the timer never keeps the process alive. */
async function firstOf(change: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([change, passed]);
  } finally {
    clearTimeout(timer);
  }
}

function judged(digest: Digest, platform: string | null, verdict: Verdict): Clearance {
  return {
    digest,
    status: verdict.status,
    reasons: verdict.reasons,
    platforms: [{ platform, digest, status: verdict.status, verdict, failure: null }],
    transient: false,
  };
}

function pending(digest: Digest, platform: string | null, reason: string): Clearance {
  return {
    digest,
    status: 'pending',
    reasons: [reason],
    platforms: [{ platform, digest, status: 'pending', verdict: null, failure: null }],
    transient: true,
  };
}

function failed(digest: Digest, platform: string | null, failure: PlainError): Clearance {
  return {
    digest,
    status: 'error',
    reasons: [failure.message],
    platforms: [{ platform, digest, status: 'error', verdict: null, failure }],
    transient: errorTable[failure.code].transient,
  };
}

function refusal(digest: Digest, reasons: readonly string[]): Clearance {
  return { digest, status: 'error', reasons, platforms: [], transient: false };
}

function noHolder(repository: string, digest: Digest): BlobClearance {
  return {
    status: 'error',
    reasons: [`no manifest that was pulled from ${repository} refers to ${digest}: pull the image first`],
    size: 0,
    transient: false,
    fetch: () => neverFetched(digest),
  };
}

function neverFetched(digest: Digest): Promise<never> {
  return Promise.reject(new PratiqueError('blob-unknown', 'a refused blob is never fetched', { digest }));
}
