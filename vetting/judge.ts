import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { MatchResult } from '../core/finding.ts';
import type { ImageManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import type { Scanned } from '../core/ports/scans.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { Verdict } from '../core/verdict.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Policy } from '../policy/policy.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';
import type { Analysis, Progress } from './analysis.ts';
import type { Matcher } from './ports.ts';

export const scannerName = `pratique ${ANALYZERS}`;

/** From a manifest to its verdict, reusing whatever is recorded: inventory, then findings, then judgement. */
export class Judge {
  readonly #records: Records;
  readonly #analysis: Analysis;
  readonly #matcher: Matcher;
  readonly #policy: Policy;
  readonly #now: () => number;
  readonly #logger: Logger;

  constructor(options: {
    readonly records: Records;
    readonly analysis: Analysis;
    readonly matcher: Matcher;
    readonly policy: Policy;
    readonly now: () => number;
    readonly logger: Logger;
  }) {
    this.#records = options.records;
    this.#analysis = options.analysis;
    this.#matcher = options.matcher;
    this.#policy = options.policy;
    this.#now = options.now;
    this.#logger = options.logger;
  }

  /** Whether a verdict still says what would be said now. */
  isCurrent(verdict: Verdict): boolean {
    return (
      verdict.policyRevision === this.#policy.revision &&
      verdict.advisoriesRevision === this.#matcher.revision() &&
      verdict.scanner === scannerName &&
      (verdict.validUntil === null || this.#now() < Date.parse(verdict.validUntil))
    );
  }

  /** @throws PratiqueError when the image could not be inspected */
  async vet(
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    onProgress: Progress,
  ): Promise<Verdict> {
    return (await this.inspect(this.#analysis, address, digest, manifest, onProgress)).verdict;
  }

  /** As `vet`, with all that was found, by an analysis that reaches the image with rights of its own. */
  async inspect(
    analysis: Analysis,
    address: RepositoryAddress,
    digest: Digest,
    manifest: ImageManifest,
    onProgress: Progress,
  ): Promise<Scanned> {
    // Without advisories nothing can be cleared, so nothing is fetched either.
    if (this.#matcher.revision() === null) throw advisoriesMissing();
    const started = this.#now();
    const known = await this.#records.getInventory(digest, ANALYZERS);
    const inventory = known ?? (await analysis.inventory(address, manifest, onProgress));
    if (known === null) await this.#records.putInventory(digest, inventory);
    const scanned = await this.#judge(digest, inventory);
    this.#logger.info(
      {
        image: canonicalName(address),
        digest,
        status: scanned.verdict.status,
        packages: inventory.packages.length,
        fresh: known === null,
        milliseconds: this.#now() - started,
      },
      'image vetted',
    );
    return scanned;
  }

  /** Judges an image whose inventory is recorded, without its upstream; null when there is none. */
  async rejudge(digest: Digest): Promise<Verdict | null> {
    return (await this.known(digest))?.verdict ?? null;
  }

  /** As `rejudge`, with all that is known of the image. */
  async known(digest: Digest): Promise<Scanned | null> {
    const inventory = await this.#records.getInventory(digest, ANALYZERS);
    return inventory === null ? null : this.#judge(digest, inventory);
  }

  /**
   * What would be said of a recorded image if it were known by one more name, as exceptions see it. Nothing is recorded;
   * null: nothing is known of the image.
   */
  async foresee(digest: Digest, name: string): Promise<Verdict | null> {
    const inventory = await this.#records.getInventory(digest, ANALYZERS);
    if (inventory === null) return null;
    const names = new Set([...(await this.#records.imagesOf(digest)), name]);
    return this.#evaluate(inventory, await this.#match(digest, inventory), [...names].sort());
  }

  #evaluate(inventory: Inventory, match: MatchResult, image: readonly string[]): Verdict {
    const at = this.#now();
    return evaluate({ policy: this.#policy, inventory, match, image, scanner: scannerName, at });
  }

  async #judge(digest: Digest, inventory: Inventory): Promise<Scanned> {
    const match = await this.#match(digest, inventory);
    const verdict = this.#evaluate(inventory, match, await this.#records.imagesOf(digest));
    const last = await this.#records.getVerdict(digest);
    if (last === null || !saysTheSame(last, verdict)) await this.#records.putVerdict(digest, verdict);
    return { inventory, match, verdict };
  }

  async #match(digest: Digest, inventory: Inventory): Promise<MatchResult> {
    const revision = this.#matcher.revision();
    if (revision === null) throw advisoriesMissing();
    const known = await this.#records.getMatch(digest, revision);
    if (known !== null) return known;
    const match = await this.#matcher.match(inventory);
    await this.#records.putMatch(digest, match);
    return match;
  }
}

function saysTheSame(a: Verdict, b: Verdict): boolean {
  return JSON.stringify({ ...a, evaluatedAt: '' }) === JSON.stringify({ ...b, evaluatedAt: '' });
}

export function advisoriesMissing(): PratiqueError {
  return new PratiqueError(
    'advisories-missing',
    'no advisories have been imported, so no image can be cleared: run "pratique advisories update"',
  );
}
