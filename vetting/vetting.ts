import { LRUCache } from 'lru-cache';
import { type AskContext, type AskedImage, plainContext } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import type { PlainError } from '../core/errors.ts';
import { Flights } from '../core/flights.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Platform } from '../core/platform.ts';
import type {
  BlobClearance,
  Clearance,
  ClearanceScope,
  FactFinder,
  Gate,
  ManifestFacts,
  PullProgress,
} from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import { canonicalName, type ManifestPointer, type RepositoryAddress } from '../core/repository.ts';
import { boundPolicies } from '../policy/bindings/parse.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import { Ruler, rulerFor } from '../policy/clearance/ruler.ts';
import type { Analysis } from './analysis.ts';
import type { AttachedLooks } from './attached-looks.ts';
import { BlobGate } from './blob-gate.ts';
import type { Catalogue } from './catalogue.ts';
import { type FactPlaces, settledFacts } from './facts.ts';
import { Failures } from './failures.ts';
import type { Judge } from './judge.ts';
import { judgedBy, type Known, unknown } from './known.ts';
import type { VettingLimits } from './limits.ts';
import { lookAt, type Sight } from './look.ts';
import { ProgressBook } from './progress.ts';
import { type Asked, inspectOnAccount, type Pullers } from './pullers.ts';
import { createSemaphore } from './semaphore.ts';
import { firstOf, type Waits } from './waits.ts';

/** Images whose verdicts are kept in memory; the rest is read from the records when asked for. */
const imagesInMemory = 20_000;

/** The gate's memory and the vettings under way. Everything that gates ask goes through `clearance`. */
export class Vetting implements Gate, FactFinder {
  readonly #known = new LRUCache<Digest, Known>({ max: imagesInMemory });
  readonly #failures: Failures;
  readonly #flights = new Flights<void>();
  readonly #progress: ProgressBook;
  /** Under way, and overtaken: what was found out of them may rest on what was true before. */
  readonly #overtaken = new Set<Digest>();
  readonly #enter: <T>(task: () => Promise<T>) => Promise<T>;
  readonly #pullers: Pullers | null;
  readonly #analysis: Analysis;
  readonly #catalogue: Catalogue;
  readonly #blobs: BlobGate;
  readonly #judge: Judge;
  readonly #rulebook: () => Rulebook;
  readonly #attached: Pick<AttachedLooks, 'before' | 'noticed'> | null;
  readonly #now: () => number;
  readonly #records: Records;
  readonly #platforms: (address: RepositoryAddress) => readonly Platform[];
  readonly #limits: VettingLimits;
  readonly #logger: Logger;

  constructor(options: {
    readonly catalogue: (onNew: (digest: Digest) => void) => Catalogue;
    readonly analysis: Analysis;
    readonly judge: Judge;
    /** The one in force. */
    readonly rulebook: () => Rulebook;
    /** Left out: what is attached to images is not looked for. */
    readonly attached?: Pick<AttachedLooks, 'before' | 'noticed'>;
    /** Left out: whoever asks may set going what he likes. */
    readonly pullers?: Pullers;
    readonly now: () => number;
    readonly records: Records;
    /** The platforms of an index in this repository that have a say. */
    readonly platforms: (address: RepositoryAddress) => readonly Platform[];
    readonly limits: VettingLimits;
    readonly logger: Logger;
    /** Bytes of a blob that have come so far; null: it is not on its way. */
    readonly arrived?: (blob: Digest) => number | null;
  }) {
    this.#progress = new ProgressBook(options.arrived);
    this.#catalogue = options.catalogue((digest) => this.holdersChanged(digest));
    this.#judge = options.judge;
    this.#rulebook = options.rulebook;
    this.#attached = options.attached ?? null;
    this.#pullers = options.pullers ?? null;
    this.#analysis = options.analysis;
    this.#now = options.now;
    this.#records = options.records;
    this.#platforms = options.platforms;
    this.#limits = options.limits;
    this.#logger = options.logger;
    this.#blobs = new BlobGate({
      records: options.records,
      analysis: options.analysis,
      resolve: (address, digest) => this.#catalogue.resolve(address, { kind: 'digest', digest }),
      isKnown: (digest) => this.#known.has(digest),
      clearance: (...args) => this.#clearance(...args),
      switchedOff: (address, digest, asker) => {
        const ruler = this.#rulerOf(address, digest, asker);
        return ruler instanceof Ruler || ruler.ruled?.mode !== 'off' ? null : ruler;
      },
    });
    this.#enter = createSemaphore(options.limits.concurrent, options.limits.queued);
    this.#failures = new Failures(options.limits.failureMemory, options.logger);
  }

  get underWay(): number {
    return this.#flights.size;
  }

  pulls(): readonly PullProgress[] {
    return this.#progress.list();
  }

  resolve(address: RepositoryAddress, pointer: ManifestPointer): Promise<StoredManifest> {
    return this.#catalogue.resolve(address, pointer);
  }

  readonly tag: Gate['tag'] = (...asked) => this.#catalogue.tag(...asked);
  readonly tagPushed: Catalogue['tagPushed'] = (...asked) => this.#catalogue.tagPushed(...asked);
  readonly heldTag: Gate['heldTag'] = (address, tag) => this.#catalogue.heldTag(address, tag);
  held(address: RepositoryAddress, digest: Digest): StoredManifest | null {
    return this.#catalogue.held(address, digest);
  }

  clearance(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
  ): Clearance {
    return this.#clearance(address, stored, scope, asker, []);
  }

  async settled(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
    milliseconds: number,
  ): Promise<Clearance> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const waits: Waits = [];
      const now = this.#clearance(address, stored, scope, asker, waits);
      const left = deadline - performance.now();
      if (now.status !== 'pending' || left <= 0) return now;
      await firstOf(waits, left);
    }
  }

  /** See `FactFinder.facts`. By the policies in force at the end of the wait. */
  facts(address: RepositoryAddress, stored: StoredManifest, milliseconds: number): Promise<ManifestFacts> {
    return settledFacts(stored, this.#factPlaces(address), milliseconds);
  }

  blob(
    address: RepositoryAddress,
    digest: Digest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<BlobClearance> {
    return this.#blobs.clearance(address, digest, asker, milliseconds);
  }

  /** A manifest that was pushed into this repository. Durable when it resolves; its vetting has begun then. */
  async accept(address: RepositoryAddress, stored: StoredManifest): Promise<void> {
    await this.#catalogue.accept(address, stored);
    const waits: Waits = [];
    this.#clearance(address, stored, 'serve', plainContext('proxy'), waits);
    for (const start of waits) this.#keepGoing(start());
  }

  /**
   * See `PushGate.proposed`. It is judged as it would be with this repository among those that hold it, and nothing of
   * that is recorded: a push that is refused must not change what stands of the image elsewhere.
   */
  async proposed(
    address: RepositoryAddress,
    stored: StoredManifest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<Clearance> {
    const { digest, manifest } = stored;
    const standing = await this.settled(address, stored, 'admit', asker, milliseconds);
    if (manifest.kind === 'index' || standing.platforms.every(({ verdict }) => verdict === null)) {
      return standing;
    }
    const foreseen = await this.#judge.foresee(digest, canonicalName(address));
    const ruler = this.#rulerOf(address, digest, asker);
    if (foreseen === null || !(ruler instanceof Ruler)) return standing;
    return judgedBy(this.#judge, digest, null, foreseen, ruler) ?? standing;
  }

  /** This repository does not hold the manifest any more; the records know already. */
  forget(address: RepositoryAddress, digest: Digest): void {
    this.#catalogue.forget(address, digest);
  }

  /** Which repositories hold the manifest has changed: what is said of it may depend on that. */
  holdersChanged(digest: Digest): void {
    this.#known.delete(digest);
    if (this.#flights.has(digest)) this.#overtaken.add(digest);
  }

  /** Something that all verdicts rest on has changed; they are made again from recorded inventories when asked for. */
  groundChanged(): void {
    this.#known.clear();
    this.#failures.clear();
  }

  /** What is recorded of these has changed, without a vetting here. */
  verdictsChanged(digests: readonly Digest[]): void {
    for (const digest of digests) this.#known.delete(digest);
  }

  /** What stands now. What a pending answer waits for is added to `waits`. */
  #clearance(
    address: RepositoryAddress,
    stored: StoredManifest,
    scope: ClearanceScope,
    asker: AskContext,
    waits: Waits,
  ): Clearance {
    const ruler = this.#rulerOf(address, stored.digest, asker);
    if (!(ruler instanceof Ruler)) return ruler;
    const sight: Sight = {
      held: (digest) => this.#catalogue.held(address, digest),
      absent: (digest, platform) => {
        const failure = this.#childWanted(address, digest, waits);
        return unknown(ruler, { digest, platform }, failure, 'its manifest is being fetched');
      },
      unfit: (digest, reasons) => ruler.unfit(digest, reasons),
      image: (digest, manifest, platform) =>
        this.#image(address, { digest, manifest, platform, puller: asker.puller ?? null }, ruler, waits),
    };
    return lookAt(stored, sight, { scope, platforms: this.#platforms(address), limits: this.#limits });
  }

  /** The bindings that hold for who asks, or what is said without any. */
  #rulerOf(address: RepositoryAddress, digest: Digest, asker: AskContext): Ruler | Clearance {
    const image: AskedImage = { upstream: address.upstream, repository: canonicalName(address) };
    return rulerFor(this.#rulebook(), asker, image, digest, this.#now());
  }

  /** Why a manifest of an index cannot be had; null: it is being fetched, and `waits` has it. */
  #childWanted(address: RepositoryAddress, digest: Digest, waits: Waits): PlainError | null {
    const failure = this.#failures.of(address, digest);
    if (failure !== undefined) return failure;
    waits.push(() => this.#fetchChild(address, digest));
    return null;
  }

  #image(address: RepositoryAddress, asked: Asked, ruler: Ruler, waits: Waits): Clearance {
    const { digest, platform } = asked;
    const known = this.#known.get(digest);
    const judged = known === undefined ? null : judgedBy(this.#judge, digest, platform, known, ruler);
    if (judged !== null) this.#attached?.noticed(address, digest);
    if (judged !== null) return judged;
    const failure = this.#wanted(address, asked, waits);
    return unknown(ruler, asked, failure, `it is being inspected${this.#progress.text(digest)}`);
  }

  /** Why an image cannot be judged; null: its vetting is under way, begun with this if it was not, and `waits` has it. */
  #wanted(address: RepositoryAddress, asked: Asked, waits: Waits): PlainError | null {
    const failure = this.#failures.of(address, asked.digest, asked.puller);
    if (failure !== undefined) return failure;
    const flight = this.#start(address, asked);
    this.#keepGoing(flight);
    waits.push(() => flight);
    return null;
  }

  #factPlaces(address: RepositoryAddress): FactPlaces {
    return {
      rules: { platforms: this.#platforms(address), limits: this.#limits },
      policies: () => boundPolicies(this.#rulebook().set),
      held: (digest) => this.#catalogue.held(address, digest),
      known: (digest) => this.#known.get(digest) ?? null,
      judge: this.#judge,
      noticed: (digest) => this.#attached?.noticed(address, digest),
      wanted: ({ digest, manifest, platform }, waits) =>
        manifest === null
          ? this.#childWanted(address, digest, waits)
          : this.#wanted(address, { digest, manifest, platform, puller: null }, waits),
    };
  }

  /** Starts a vetting if none is under way. Nobody's leaving ends it. */
  #start(address: RepositoryAddress, asked: Asked): Promise<void> {
    const { digest, manifest } = asked;
    return this.#flights.run(digest, async () => {
      this.#progress.begin(digest, canonicalName(address), manifest, this.#now());
      try {
        await this.#vet(address, asked);
      } catch (error) {
        this.#failures.ofVetting(address, asked, error);
      } finally {
        this.#progress.end(digest);
      }
    });
  }

  /**
   * What an inventory is recorded of needs no turn: it waits for no download. Where a repository was found to
   * hold the digest in the meantime the verdict is made again, since exceptions look at all of them.
   */
  async #vet(address: RepositoryAddress, asked: Asked): Promise<void> {
    const { digest, manifest } = asked;
    for (;;) {
      this.#overtaken.delete(digest);
      await this.#attached?.before(address, digest);
      const { verdicts, images } =
        (await this.#judge.rejudge(digest)) ??
        (await inspectOnAccount(this.#pullers, this.#analysis, asked, () =>
          this.#enter(() =>
            this.#judge.vet(address, digest, manifest, (_done, _total, layer) =>
              this.#progress.layerDone(digest, layer),
            ),
          ),
        ));
      if (this.#overtaken.delete(digest)) continue;
      this.#known.set(digest, { verdicts, images });
      return;
    }
  }

  /** A vetting goes on though nobody awaits it here; it reports failures in its outcome, never by rejecting. */
  #keepGoing(flight: Promise<unknown>): void {
    flight.catch((error: unknown) =>
      this.#logger.error({ err: error }, 'a vetting ended without an outcome'),
    );
  }

  async #fetchChild(address: RepositoryAddress, digest: Digest): Promise<void> {
    if (this.#failures.of(address, digest) !== undefined) return;
    try {
      await this.#catalogue.resolve(address, { kind: 'digest', digest });
    } catch (error) {
      this.#failures.ofChild(address, digest, error);
    }
  }
}
