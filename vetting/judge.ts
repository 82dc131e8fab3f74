import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import type { ImageManifest } from '../core/image.ts';
import { type Inventory, viewOf } from '../core/inventory.ts';
import type { AttachedVexStore } from '../core/ports/attached-vex.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RecordedInventory, Records } from '../core/ports/records.ts';
import type { JudgedEntry, VerdictStore } from '../core/ports/verdicts.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import { compareVerdicts, type FinalStatus, type Verdict } from '../core/verdict.ts';
import type { AttachedVex } from '../core/vex.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Policy } from '../policy/policy.ts';
import { wantsAttached } from '../policy/vex/policy-vex.ts';
import type { Analysis, Progress } from './analysis.ts';
import { causeBetween } from './cause.ts';
import { advisoriesMissing, type FindingsSource, type ImageAtHand, matchedFindings } from './findings.ts';
import type { Matcher } from './ports.ts';

export { advisoriesMissing, scannerNameOf } from './findings.ts';

/** A clock that has gone back by more makes verdicts of the future worth nothing, milliseconds. */
const clockTolerance = 1000;

/** Everything that is said of one image. */
export interface Judged {
  readonly inventory: Inventory;
  readonly match: MatchResult;
  /** By the name of the policy. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
}

export type JudgeRecords = Records &
  Pick<VerdictStore, 'getVerdict' | 'putVerdicts'> &
  Pick<AttachedVexStore, 'attachedVex'>;

/** Everything that is known of an image which is to be judged. */
interface Known {
  readonly digest: Digest;
  readonly recorded: RecordedInventory;
  readonly match: MatchResult;
  readonly attached: readonly AttachedVex[];
  readonly images: readonly string[];
}

/** From a manifest to its verdicts, reusing whatever is recorded: inventory, then findings, then judgement. */
export class Judge {
  readonly #records: JudgeRecords;
  readonly #analysis: Analysis;
  readonly #findings: FindingsSource;
  readonly #policies: () => readonly Policy[];
  readonly #now: () => number;
  readonly #analyzers: string;
  readonly #logger: Logger;

  /** `policies`: those in force that any binding names. */
  constructor(options: {
    readonly records: JudgeRecords;
    readonly analysis: Analysis;
    readonly matcher: Matcher;
    /** Left out: the inventory is held against the matcher's advisories. */
    readonly findings?: FindingsSource;
    readonly policies: () => readonly Policy[];
    readonly now: () => number;
    /** The key of inventories (`analyzersOf`). */
    readonly analyzers: string;
    readonly logger: Logger;
  }) {
    this.#records = options.records;
    this.#analysis = options.analysis;
    this.#findings = options.findings ?? matchedFindings(options.records, options.matcher, options.analyzers);
    this.#policies = options.policies;
    this.#now = options.now;
    this.#analyzers = options.analyzers;
    this.#logger = options.logger;
  }

  /** Whether a verdict still says what would be said now. */
  isCurrent(verdict: Verdict, policy: Policy): boolean {
    const now = this.#now();
    return (
      verdict.policyRevision === policy.revision &&
      verdict.advisoriesRevision === this.#findings.revision() &&
      verdict.scanner === this.#findings.scanner &&
      (verdict.validUntil === null || now < Date.parse(verdict.validUntil)) &&
      now > Date.parse(verdict.evaluatedAt) - clockTolerance
    );
  }

  /** @throws PratiqueError when the image could not be inspected */
  vet(
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    onProgress: Progress,
  ): Promise<Judged> {
    return this.inspect(this.#analysis, address, digest, manifest, onProgress);
  }

  /** As `vet`, by an analysis that reaches the image with rights of its own. */
  async inspect(
    analysis: Analysis,
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    onProgress: Progress,
  ): Promise<Judged> {
    // Without advisories nothing can be cleared, so nothing is fetched either.
    if (this.#findings.revision() === null) throw advisoriesMissing();
    const started = this.#now();
    const known = await this.#records.getInventory(digest, this.#analyzers);
    const recorded = known ?? (await this.#analyse(analysis, address, digest, manifest, onProgress));
    const image: ImageAtHand = { address, digest, manifest, analysis };
    const judged = await this.#judge(digest, recorded, () => this.#findings.find(image, recorded));
    if (judged === null) throw new Error('an image that was looked at, and of which nothing is found');
    this.#logger.info(
      {
        image: canonicalName(address),
        digest,
        status: statusesOf(judged.verdicts),
        packages: recorded.inventory.packages.length,
        fresh: known === null,
        milliseconds: this.#now() - started,
      },
      'image vetted',
    );
    return judged;
  }

  /**
   * The verdicts from what is recorded, without the upstream; null: the image has to be inspected.
   * @throws PratiqueError `advisories-missing`, `advisories-unreadable`
   */
  async rejudge(digest: Digest): Promise<Judged | null> {
    const recorded = await this.#records.getInventory(digest, this.#analyzers);
    if (recorded === null) return null;
    return this.#judge(digest, recorded, () => this.#findings.known(digest, recorded));
  }

  /**
   * What would be said of a recorded image if it were known by one more name, as exceptions see it. Nothing is recorded;
   * null: nothing is known of the image.
   */
  async foresee(digest: Digest, name: string): Promise<Judged | null> {
    const recorded = await this.#records.getInventory(digest, this.#analyzers);
    if (recorded === null) return null;
    const names = new Set([...(await this.#records.imagesOf(digest)), name]);
    const match = await this.#findings.known(digest, recorded);
    if (match === null) return null;
    const policies = this.#policies();
    const attached = await this.#attached(digest, policies);
    return this.#evaluate({ digest, recorded, match, attached, images: [...names].sort() }, policies);
  }

  async #analyse(
    analysis: Analysis,
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    onProgress: Progress,
  ): Promise<RecordedInventory> {
    const early = (part: Inventory): Promise<unknown> => this.#findings.early?.(part) ?? Promise.resolve();
    const inventory = await analysis.inventory(address, manifest, onProgress, early);
    const scannedAt = new Date(this.#now()).toISOString();
    // Somebody waits for the verdict: what is found does not wait for the disk.
    this.#findings.begin?.(inventory);
    await this.#records.putInventory(digest, inventory, scannedAt);
    return { inventory, scannedAt };
  }

  /** Read where a policy wants to know alone. */
  #attached(digest: Digest, policies: readonly Policy[]): Promise<readonly AttachedVex[]> {
    return policies.some(wantsAttached) ? this.#records.attachedVex(digest) : Promise.resolve([]);
  }

  #evaluate({ digest, recorded, match, attached, images }: Known, policies: readonly Policy[]): Judged {
    const { inventory, scannedAt } = recorded;
    const at = this.#now();
    const view = viewOf(inventory);
    const verdicts = policies.map((policy) =>
      evaluate({
        policy,
        inventory: view,
        match,
        image: images,
        digest,
        attached,
        scanner: this.#findings.scanner,
        scannedAt,
        at,
      }),
    );
    return {
      inventory,
      match,
      images,
      verdicts: new Map(verdicts.map((verdict) => [verdict.policy, verdict])),
    };
  }

  /** Records what is in force when it is recorded: who judged by something older does not come last. */
  async #judge(
    digest: Digest,
    recorded: RecordedInventory,
    find: () => Promise<MatchResult | null>,
  ): Promise<Judged | null> {
    for (;;) {
      const policies = this.#policies();
      const match = await find();
      if (match === null) return null;
      const images = await this.#records.imagesOf(digest);
      const attached = await this.#attached(digest, policies);
      const judged = this.#evaluate({ digest, recorded, match, attached, images }, policies);
      const at = this.#now();
      const entries: JudgedEntry[] = [];
      for (const verdict of judged.verdicts.values()) {
        const before = await this.#records.getVerdict(digest, verdict.policy);
        if (before !== null && compareVerdicts(before, verdict) === 'same') continue;
        entries.push({ digest, verdict, cause: causeBetween(before, verdict, at) });
      }
      const ground = match.advisories.revision === this.#findings.revision();
      if (!ground || revisionsOf(policies) !== revisionsOf(this.#policies())) continue;
      if (entries.length > 0) await this.#records.putVerdicts(entries, new Date(at).toISOString());
      return judged;
    }
  }
}

function revisionsOf(policies: readonly Policy[]): string {
  return policies.map(({ name, revision }) => `${name} ${revision}`).join('\n');
}

/** For the log: `fail`, or `strict: fail, baseline: warn`. */
function statusesOf(verdicts: ReadonlyMap<string, Verdict>): FinalStatus | string {
  const [first] = verdicts.values();
  if (verdicts.size === 1 && first !== undefined) return first.status;
  return [...verdicts].map(([policy, { status }]) => `${policy}: ${status}`).join(', ');
}
