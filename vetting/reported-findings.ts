import type { Readable } from 'node:stream';
import { endOfLifeOf } from '../advisories/end-of-life.ts';
import type { Known } from '../advisories/match/index.ts';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { Finding, MatchResult, Provenance } from '../core/finding.ts';
import type { Inventory, OperatingSystem } from '../core/inventory.ts';
import { sortFindings } from '../core/match.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { RecordedInventory, Records } from '../core/ports/records.ts';
import type { Reported, ReportedFindings } from '../core/ports/reported.ts';
import type { ImageToPull, OtherScanner, PullDoor, ScannerReport } from '../core/ports/scanner.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import { parseManifest } from '../registry/manifest.ts';
import type { Analysis } from './analysis.ts';
import { attributed } from './attributed.ts';
import { type FindingsSource, type ImageAtHand, scannerNameOf } from './findings.ts';
import type { Blobs } from './ports.ts';
import { reportedCoverage } from './reported-coverage.ts';

/** In place of the revision of advisories where none were imported: findings rest on none. */
export const noAdvisories = 'none';
/** A clock that has gone back by more makes what was said in the future worth nothing, milliseconds. */
const clockTolerance = 1000;

export interface ReportedFindingsOptions {
  readonly scanner: OtherScanner;
  /** Milliseconds after which what it has said does not count any more. */
  readonly maxAge: number;
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  readonly door: PullDoor;
  readonly records: Pick<Records, 'getManifest' | 'getInventory'> & ReportedFindings;
  /** That of the gate, by which images are had again that are scanned again. */
  readonly analysis: Analysis;
  readonly blobs: Pick<Blobs, 'during'>;
  /** A blob that is in the store. */
  readonly read: (digest: Digest) => Readable;
  readonly advisories: KnownAdvisories;
  /** Ends scans that run. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** What the imported advisories know of another scanner's findings. */
export interface KnownAdvisories {
  revision(): string | null;
  known(findings: readonly Finding[], os: OperatingSystem | null): Promise<Known | null>;
}

/** How another scanner is named by verdicts, beside what made the inventory. */
export function otherScannerName(scanner: OtherScanner['name'], analyzers: string): string {
  return `${scanner}; ${scannerNameOf(analyzers)}`;
}

/**
 * Findings of another scanner, which decides here. The inventory is still made: it is a fact, tells whether the image is what
 * it says, and what a list of findings is silent about. What the scanner has said is kept for a time, and then it says
 * nothing any more.
 */
export class OtherFindings implements FindingsSource {
  readonly scanner: string;
  readonly #options: ReportedFindingsOptions;
  readonly #running = new Map<Digest, Promise<MatchResult>>();

  constructor(options: ReportedFindingsOptions) {
    this.#options = options;
    this.scanner = otherScannerName(options.scanner.name, options.analyzers);
  }

  revision(): string {
    return this.#options.advisories.revision() ?? noAdvisories;
  }

  async known(digest: Digest, { inventory }: RecordedInventory): Promise<MatchResult | null> {
    if (isDecided(inventory)) return nothingSaid(this.revision());
    const reported = await this.#options.records.getReported(digest);
    if (reported === null || !this.#holds(reported)) return null;
    const { match, analyzers } = reported;
    if (match.advisories.revision === this.revision() && analyzers === this.#options.analyzers) return match;
    // New catalogues, or an inventory that tells more: what the scanner has said stays, what is made of it does not.
    const { provenance } = match;
    if (provenance === undefined) return null;
    return this.#keep(digest, reported.address, inventory, {
      looked: reported.looked,
      findings: match.findings,
      provenance,
    });
  }

  async find(image: ImageAtHand, recorded: RecordedInventory): Promise<MatchResult> {
    const known = await this.known(image.digest, recorded);
    if (known !== null) return known;
    const running = this.#running.get(image.digest);
    if (running !== undefined) {
      try {
        return await running;
      } catch {
        // With other rights to the image, perhaps: whoever asks tries by himself.
      }
    }
    return this.#scan(image, recorded.inventory);
  }

  /**
   * Scans an image again whose findings have ended, wherever it was had before.
   * @returns false where it cannot be had again without somebody who asks for it
   * @throws PratiqueError where it cannot be said now
   */
  async again(digest: Digest): Promise<boolean> {
    const { records, analysis } = this.#options;
    const recorded = await records.getInventory(digest, this.#options.analyzers);
    const reported = await records.getReported(digest);
    if (recorded === null || reported === null) return false;
    const { address } = reported;
    const stored = await records.getManifest(address, digest);
    const manifest = stored === null ? null : parseManifest(stored.bytes, stored.mediaType);
    if (manifest?.kind !== 'image') return false;
    await this.find({ address, digest, manifest, analysis }, recorded);
    return true;
  }

  #holds({ scanner, match: { provenance } }: Reported): boolean {
    if (scanner !== this.scanner || provenance === undefined) return false;
    const now = this.#options.now();
    return now < Date.parse(provenance.validUntil) && now > Date.parse(provenance.scannedAt) - clockTolerance;
  }

  #scan(image: ImageAtHand, inventory: Inventory): Promise<MatchResult> {
    const { digest } = image;
    const scan = this.#ask(image, inventory).finally(() => {
      if (this.#running.get(digest) === scan) this.#running.delete(digest);
    });
    this.#running.set(digest, scan);
    return scan;
  }

  async #ask(
    { address, digest, manifest, analysis }: ImageAtHand,
    inventory: Inventory,
  ): Promise<MatchResult> {
    const { scanner, door, records, blobs, read, maxAge, now, logger } = this.#options;
    const stored = await records.getManifest(address, digest);
    if (stored === null) throw notThere(address, digest);
    const parts = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]));
    const toPull: ImageToPull = {
      name: canonicalName(address),
      digest,
      mediaType: stored.mediaType,
      manifest: stored.bytes,
      blobs: [...parts.values()],
      open: async (blob) => {
        const part = parts.get(blob);
        if (part === undefined) throw notThere(address, blob);
        // It may have gone out of the store since the image was analysed.
        await analysis.bring(address, part);
        return read(blob);
      },
    };
    const started = now();
    const report = await blobs.during([...parts.keys()], () =>
      door.during(toPull, (pull) => scanner.scan(pull, this.#options.signal)),
    );
    const ended = now();
    logger.info(
      {
        image: canonicalName(address),
        digest,
        scanner: report.scanner,
        findings: report.findings.length,
        milliseconds: ended - started,
      },
      'another scanner has scanned an image',
    );
    const findings = attributed(report.findings, inventory.packages);
    const provenance = provenanceOf(report, started, maxAge);
    return this.#keep(digest, address, inventory, { looked: report.looked, findings, provenance });
  }

  async #keep(
    digest: Digest,
    address: RepositoryAddress,
    inventory: Inventory,
    said: Pick<ScannerReport, 'looked' | 'findings'> & { readonly provenance: Provenance },
  ): Promise<MatchResult> {
    const { advisories, records, analyzers } = this.#options;
    for (;;) {
      const revision = this.revision();
      const known = await advisories.known(said.findings, inventory.os);
      if (revision !== this.revision()) continue;
      const match = matchOf(inventory, said, known, revision);
      const { scanner } = this;
      await records.putReported(digest, {
        scanner,
        analyzers,
        looked: said.looked,
        match,
        address,
      });
      return match;
    }
  }
}

/** Whatever a scanner says: an artifact is not scanned, and what is unfit is refused. */
export function isDecided({ content, unfit }: Inventory): boolean {
  return content === 'artifact' || unfit.length > 0;
}

/** What has no say in any verdict, where `isDecided`. */
export function nothingSaid(revision: string): MatchResult {
  return { findings: [], coverage: [], advisories: { revision, updatedAt: null }, endOfLife: null };
}

/** @param started milliseconds since 1970: what became known while the scan ran may be missing */
export function provenanceOf(
  { scanner, databaseAt }: Pick<ScannerReport, 'scanner' | 'databaseAt'>,
  started: number,
  maxAge: number,
): Provenance {
  return {
    scanner,
    databaseAt,
    scannedAt: new Date(started).toISOString(),
    validUntil: new Date(started + maxAge).toISOString(),
  };
}

/** The match that a report comes to. Pure. */
export function matchOf(
  inventory: Pick<Inventory, 'os' | 'packages'>,
  {
    looked,
    findings,
    provenance,
  }: Pick<ScannerReport, 'looked' | 'findings'> & { readonly provenance: Provenance },
  known: Known | null,
  revision: string,
): MatchResult {
  const { scanner, databaseAt } = provenance;
  const feed = { name: `${scanner.name} ${scanner.version}`.trim(), updatedAt: databaseAt };
  const coverage = reportedCoverage(inventory, looked, feed);
  const times = [...(databaseAt === null ? [] : [databaseAt]), ...(known?.catalogues ?? [])];
  return {
    findings: sortFindings(known?.findings ?? findings),
    coverage,
    advisories: { revision, updatedAt: times.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null },
    endOfLife: known === null ? endOfLifeOf(inventory.os, { endOfLife: () => null }) : known.endOfLife,
    provenance,
  };
}

function notThere(address: RepositoryAddress, digest: Digest): PratiqueError {
  const repository = canonicalName(address);
  return new PratiqueError('blob-unknown', `${repository} has no ${digest}`, { repository, digest });
}
