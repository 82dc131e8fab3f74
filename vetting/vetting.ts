import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { isPratiqueError, type PlainError, PratiqueError, toPlainError } from '../core/errors.ts';
import type { Descriptor, ImageManifest, StoredManifest } from '../core/image.ts';
import type { Platform } from '../core/platform.ts';
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
import { failed, judged, neverFetched, noHolder, pending } from './clearances.ts';
import { Flights } from './flights.ts';
import type { Judge } from './judge.ts';
import type { VettingLimits } from './limits.ts';
import { lookAt, type Sight } from './look.ts';
import { createSemaphore } from './semaphore.ts';

/** Verdicts kept in memory; the rest is read from the records when asked for. */
const verdictsInMemory = 20_000;

type Outcome = { readonly verdict: Verdict } | { readonly failure: PlainError };

/** A manifest that refers to a blob, and the size that it gives it. */
interface Holder {
  readonly clearance: Clearance;
  readonly stored: StoredManifest;
  readonly size: number;
}

/** Starts what a pending answer waits for: vettings, and fetches of children. None of them rejects. */
type Waits = (() => Promise<unknown>)[];

/** The gate's memory and the vettings under way. Everything that gates ask goes through `clearance`. */
export class Vetting implements Gate {
  readonly #verdicts = new LRUCache<Digest, Verdict>({ max: verdictsInMemory });
  readonly #failures: LRUCache<string, PlainError>;
  readonly #flights = new Flights<Outcome>();
  readonly #progress = new Map<Digest, { done: number; total: number }>();
  /** Under way, and overtaken: what was found out of them may rest on what was true before. */
  readonly #overtaken = new Set<Digest>();
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
    this.#catalogue = options.catalogue((digest) => this.holdersChanged(digest));
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
    return this.#clearance(address, stored, scope, []);
  }

  async settled(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    milliseconds: number,
  ): Promise<Clearance> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const waits: Waits = [];
      const now = this.#clearance(address, stored, scope, waits);
      const left = deadline - performance.now();
      if (now.status !== 'pending' || left <= 0) return now;
      await firstOf(waits, left);
    }
  }

  async blob(address: RepositoryAddress, digest: Digest, milliseconds: number): Promise<BlobClearance> {
    const holders = await this.#records.manifestsWithBlob(address, digest);
    const best = await this.#bestHolder(address, holders, milliseconds);
    if (best === null) return noHolder(canonicalName(address), digest);
    const { status, reasons, transient } = best.clearance;
    const descriptor = { mediaType: '', digest, size: best.size, platform: null };
    return {
      status,
      reasons,
      size: best.size,
      transient,
      fetch: allows(status)
        ? () => this.#bring(address, best.stored, descriptor)
        : () => neverFetched(digest),
    };
  }

  /**
   * An allowed manifest among those that refer to a blob, else one that may become allowed, else any refused.
   * Waits for all pending ones at once, so that none holds up a blob that another one clears.
   */
  async #bestHolder(
    address: RepositoryAddress,
    holders: readonly { readonly manifest: Digest; readonly size: number }[],
    milliseconds: number,
  ): Promise<Holder | null> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      let best: Holder | null = null;
      const waits: Waits = [];
      for (const { manifest, size } of holders) {
        const stored = await this.#catalogue.resolve(address, { kind: 'digest', digest: manifest });
        const clearance = this.#clearance(address, stored, 'serve', waits);
        if (allows(clearance.status)) return { clearance, stored, size };
        if (best === null || clearance.status === 'pending') best = { clearance, stored, size };
      }
      const left = deadline - performance.now();
      if (waits.length === 0 || left <= 0) return best;
      await firstOf(waits, left);
    }
  }

  /** A download may take its time, so the predicate is asked once more after it (ADR 0002). */
  async #bring(address: RepositoryAddress, holder: StoredManifest, blob: Descriptor): Promise<void> {
    await this.#analysis.bring(address, blob);
    const { status, reasons } = this.clearance(address, holder, 'serve');
    if (allows(status)) return;
    const what = `${canonicalName(address)}@${blob.digest}`;
    throw new PratiqueError(
      'vetting-failed',
      `Not cleared by Pratique: ${what} is not allowed any more: ${reasons[0] ?? status}`,
      { digest: blob.digest, status },
    );
  }

  /** A manifest that was pushed into this repository. Durable when it resolves; its vetting has begun then. */
  async accept(address: RepositoryAddress, stored: StoredManifest): Promise<void> {
    await this.#catalogue.accept(address, stored);
    const waits: Waits = [];
    this.#clearance(address, stored, 'serve', waits);
    for (const start of waits) this.#keepGoing(start());
  }

  /**
   * See `PushGate.proposed`. It is judged as it would be with this repository among those that hold it, and nothing of
   * that is recorded: a push that is refused must not change what stands of the image elsewhere.
   */
  async proposed(
    address: RepositoryAddress,
    stored: StoredManifest,
    milliseconds: number,
  ): Promise<Clearance> {
    const standing = await this.settled(address, stored, 'admit', milliseconds);
    if (stored.manifest.kind === 'index' || standing.platforms.every(({ verdict }) => verdict === null)) {
      return standing;
    }
    const verdict = await this.#judge.foresee(stored.digest, canonicalName(address));
    return verdict === null ? standing : judged(stored.digest, null, verdict);
  }

  /** This repository does not hold the manifest any more; the records know already. */
  forget(address: RepositoryAddress, digest: Digest): void {
    this.#catalogue.forget(address, digest);
  }

  /** Which repositories hold the manifest has changed: what is said of it may depend on that. */
  holdersChanged(digest: Digest): void {
    this.#verdicts.delete(digest);
    if (this.#flights.has(digest)) this.#overtaken.add(digest);
  }

  /** Forgets what depends on advisories; verdicts are made again from recorded inventories when asked for. */
  advisoriesChanged(): void {
    this.#verdicts.clear();
    this.#failures.clear();
  }

  /** What stands now. What a pending answer waits for is added to `waits`. */
  #clearance(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    waits: Waits,
  ): Clearance {
    const sight: Sight = {
      held: (digest) => this.#catalogue.held(address, digest),
      absent: (digest, platform) => this.#absent(address, digest, platform, waits),
      image: (digest, manifest, platform) => this.#image(address, digest, manifest, platform, waits),
    };
    return lookAt(stored, sight, { scope, platforms: this.#platforms, limits: this.#limits });
  }

  #absent(address: RepositoryAddress, digest: Digest, platform: string | null, waits: Waits): Clearance {
    const failure = this.#failures.get(failureKey(address, digest));
    if (failure !== undefined) return failed(digest, platform, failure);
    waits.push(() => this.#fetchChild(address, digest));
    return pending(digest, platform, 'its manifest is being fetched');
  }

  #image(
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    platform: string | null,
    waits: Waits,
  ): Clearance {
    const verdict = this.#verdicts.get(digest);
    if (verdict !== undefined && this.#judge.isCurrent(verdict)) return judged(digest, platform, verdict);
    const failure = this.#failures.get(failureKey(address, digest));
    if (failure !== undefined) return failed(digest, platform, failure);
    const flight = this.#start(address, digest, manifest);
    this.#keepGoing(flight);
    waits.push(() => flight);
    const progress = this.#progress.get(digest);
    const far = progress === undefined ? '' : ` (${progress.done} of ${progress.total} layers)`;
    return pending(digest, platform, `it is being inspected${far}`);
  }

  /** Starts a vetting if none is under way. Nobody's leaving ends it. */
  #start(address: RepositoryAddress, digest: Digest, manifest: ImageManifest): Promise<Outcome> {
    return this.#flights.run(digest, async () => {
      try {
        return { verdict: await this.#vet(address, digest, manifest) };
      } catch (error) {
        const failure = failureOf(error);
        this.#failures.set(failureKey(address, digest), failure);
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

  /**
   * What an inventory is recorded of needs no turn: it waits for no download. Where a repository was found to
   * hold the digest in the meantime the verdict is made again, since exceptions look at all of them.
   */
  async #vet(address: RepositoryAddress, digest: Digest, manifest: ImageManifest): Promise<Verdict> {
    for (;;) {
      this.#overtaken.delete(digest);
      const verdict =
        (await this.#judge.rejudge(digest)) ??
        (await this.#enter(() =>
          this.#judge.vet(address, digest, manifest, (done, total) =>
            this.#progress.set(digest, { done, total }),
          ),
        ));
      if (this.#overtaken.delete(digest)) continue;
      this.#verdicts.set(digest, verdict);
      return verdict;
    }
  }

  /** A vetting goes on though nobody awaits it here; it reports failures in its outcome, never by rejecting. */
  #keepGoing(flight: Promise<unknown>): void {
    flight.catch((error: unknown) =>
      this.#logger.error({ err: error }, 'a vetting ended without an outcome'),
    );
  }

  async #fetchChild(address: RepositoryAddress, digest: Digest): Promise<void> {
    if (this.#failures.has(failureKey(address, digest))) return;
    try {
      await this.#catalogue.resolve(address, { kind: 'digest', digest });
    } catch (error) {
      const failure = failureOf(error);
      this.#failures.set(failureKey(address, digest), failure);
      this.#logger.warn(
        { repository: repositoryKey(address), digest, ...failure.fields, err: error },
        'child manifest could not be fetched',
      );
    }
  }
}

/** Starts all, and resolves with whichever comes first, or when the time is over. */
async function firstOf(waits: Waits, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([...waits.map((start) => start()), passed]);
  } finally {
    clearTimeout(timer);
  }
  // Whatever woke us may have changed nothing; the event loop must get its turn.
  await new Promise((resolve) => setImmediate(resolve));
}

/** A failure to fetch says nothing of another repository's upstream. */
function failureKey(address: RepositoryAddress, digest: Digest): string {
  return `${repositoryKey(address)}@${digest}`;
}

/** What clients are told. A defect's own words are for the log. */
function failureOf(error: unknown): PlainError {
  if (isPratiqueError(error)) return toPlainError(error, 'vetting-failed');
  return {
    code: 'vetting-failed',
    message: 'Pratique failed with an internal error, see its log',
    fields: {},
  };
}
