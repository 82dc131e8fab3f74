import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { MatchResult } from '../core/finding.ts';
import type { ImageManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import { assembleMatch, countPackages, type PackageMatches } from '../core/match.ts';
import type { RecordedInventory, Records } from '../core/ports/records.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { Analysis } from './analysis.ts';
import type { Matcher } from './ports.ts';

/** What verdicts name as their scanner. @param analyzers the key of inventories (`analyzersOf`) */
export function scannerNameOf(analyzers: string): string {
  return `pratique ${analyzers}`;
}

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
  /** Begins to find what `find` and `known` are asked for next, before the inventory is recorded; left out: nothing is begun. */
  begin?(inventory: Inventory): void;
  /** Looks at a part of an image for nobody, so that the look at the whole is short; left out: that would bring nothing. */
  early?(part: Inventory): Promise<unknown>;
  /** What is found by what is recorded alone; null: the image itself is needed. */
  known(digest: Digest, recorded: RecordedInventory): Promise<MatchResult | null>;
  /** @throws PratiqueError where it cannot be said now */
  find(image: ImageAtHand, recorded: RecordedInventory): Promise<MatchResult>;
}

/** Findings of the built-in scanner: the inventory held against advisories, for which no image is needed. */
export function matchedFindings(
  records: Pick<Records, 'getMatch' | 'putMatch'>,
  matcher: Matcher,
  analyzers: string,
): FindingsSource {
  const begun = new WeakMap<
    Inventory,
    { readonly revision: string; readonly found: Promise<PackageMatches> }
  >();
  const begin = (inventory: Inventory): void => {
    const revision = matcher.revision();
    if (revision === null) return;
    const found = matcher.match(inventory);
    // Whoever asks for it is told what failed.
    found.catch(() => undefined);
    begun.set(inventory, { revision, found });
  };
  const match = async (digest: Digest, { inventory, scannedAt }: RecordedInventory): Promise<MatchResult> => {
    const revision = matcher.revision();
    if (revision === null) throw advisoriesMissing();
    const known = await records.getMatch(digest, revision);
    if (known !== null) return known;
    const early = begun.get(inventory);
    // Only once: after a change of the advisories it is found anew.
    begun.delete(inventory);
    const found = await (early?.revision === revision ? early.found : matcher.match(inventory));
    await records.putMatch({ digest, scannedAt, found });
    return assembleMatch(countPackages(inventory.packages), found);
  };
  return {
    scanner: scannerNameOf(analyzers),
    revision: () => matcher.revision(),
    begin,
    early: (part) => matcher.match(part),
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
