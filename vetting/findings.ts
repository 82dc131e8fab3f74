import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { MatchResult } from '../core/finding.ts';
import type { ImageManifest } from '../core/image.ts';
import { assembleMatch, countPackages } from '../core/match.ts';
import type { RecordedInventory, Records } from '../core/ports/records.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';
import type { Analysis } from './analysis.ts';
import type { Matcher } from './ports.ts';

export const scannerName = `pratique ${ANALYZERS}`;

/** An image that is there to be had, by an analysis that may. */
export interface ImageAtHand {
  readonly address: RepositoryAddress;
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly analysis: Analysis;
}

/** Where the findings come from that decide: one for an installation. */
export interface FindingsSource {
  /** As verdicts name it: others' verdicts are not current. */
  readonly scanner: string;
  /** Of what findings rest on beside the image; null: nothing can be found. */
  revision(): string | null;
  /** What is found by what is recorded alone; null: the image itself is needed. */
  known(digest: Digest, recorded: RecordedInventory): Promise<MatchResult | null>;
  /** @throws PratiqueError where it cannot be said now */
  find(image: ImageAtHand, recorded: RecordedInventory): Promise<MatchResult>;
}

/** Findings of the built-in scanner: the inventory held against advisories, for which no image is needed. */
export function matchedFindings(
  records: Pick<Records, 'getMatch' | 'putMatch'>,
  matcher: Matcher,
): FindingsSource {
  const match = async (digest: Digest, { inventory, scannedAt }: RecordedInventory): Promise<MatchResult> => {
    const revision = matcher.revision();
    if (revision === null) throw advisoriesMissing();
    const known = await records.getMatch(digest, revision);
    if (known !== null) return known;
    const found = await matcher.match(inventory);
    await records.putMatch({ digest, scannedAt, found });
    return assembleMatch(countPackages(inventory.packages), found);
  };
  return {
    scanner: scannerName,
    revision: () => matcher.revision(),
    known: match,
    find: ({ digest }, recorded) => match(digest, recorded),
  };
}

export function advisoriesMissing(): PratiqueError {
  return new PratiqueError(
    'advisories-missing',
    'no advisories have been imported, so no image can be cleared: run "pratique advisories update"',
  );
}
