import { groundOf, PackageMatcher, subjectKeysOf, withAnyGroup } from '../../advisories/match/index.ts';
import { isPratiqueError } from '../../core/errors.ts';
import {
  type CoverageState,
  type MatchGround,
  type PackageCounts,
  type PackageFound,
  packageClasses,
  systemKey,
  systemOf,
} from '../../core/match.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { MatchedPackage, PackageRecords, RematchedPackage } from '../../db/reevaluation.ts';
import { packFindings, packRematched } from '../../db/reevaluation.ts';

/** What another revision of the advisories says otherwise than the one before, as `ECOSYSTEM\nNAME`. */
export interface Changed {
  /** Nobody knows: everything may be another. */
  readonly all: boolean;
  readonly subjects: ReadonlySet<string>;
}

/** Packages read at once, and rows that are handed over at once: all others wait while they are written. */
const packagesAtOnce = 1_000;
const rowsAtOnce = 500;
const bytesAtOnce = 1_000_000;

/**
 * Matches the distinct packages that changed advisories name under another revision. Nothing of it holds before it is
 * switched to; what came in between is looked at in a further turn.
 */
export class Rematch {
  readonly #records: PackageRecords;
  readonly #index: AdvisoryIndex;
  readonly #isMeant: (one: MatchedPackage) => boolean;
  readonly #round: string;
  readonly #matcher: PackageMatcher;
  readonly #before = new Map<string, MatchGround | null>();
  readonly #grounds = new Map<string, MatchGround>();
  readonly #changed: number[] = [];
  #seen = 0;
  #matched = 0;

  constructor(parts: {
    readonly records: PackageRecords;
    readonly index: AdvisoryIndex;
    readonly changed: Changed;
    /** Another with every attempt. */
    readonly round: string;
  }) {
    this.#records = parts.records;
    this.#index = parts.index;
    this.#round = parts.round;
    this.#matcher = new PackageMatcher(parts.index);
    const subjects = withAnyGroup(parts.changed.subjects);
    this.#isMeant = (one) =>
      parts.changed.all ||
      subjectKeysOf(one.os, one.package, one.owners).some((key) => subjects.has(key)) ||
      (one.owners.length > 0 && this.#isOtherGround(one));
  }

  /** Position of the last package that was looked at. */
  get seen(): number {
    return this.#seen;
  }

  /** How many packages were matched again, and in how many of them something else was found. */
  get counts(): { readonly matched: number; readonly changed: number } {
    return { matched: this.#matched, changed: this.#changed.length };
  }

  /** Batches for `stageMatches`: what changed in packages that were not looked at before. At least one. */
  *turn(): Generator<Uint8Array, void, undefined> {
    for (const [system, before] of this.#records.systems()) {
      if (this.#grounds.has(system)) continue;
      this.#before.set(system, before);
      this.#grounds.set(system, groundOf(systemOf(system), this.#index));
    }
    const grounds = [...this.#grounds].map(([system, ground]) => ({
      system,
      ground: JSON.stringify(ground),
    }));
    yield packRematched(this.#round, [], grounds);
    let rows: RematchedPackage[] = [];
    let bytes = 0;
    for (;;) {
      const page = this.#records.matched(this.#seen, packagesAtOnce);
      for (const one of page) {
        this.#seen = one.position;
        if (!this.#isMeant(one)) continue;
        this.#matched += 1;
        const found = this.#find(one);
        if (found !== null && JSON.stringify(found) === JSON.stringify(one.found())) continue;
        const packed = found === null ? null : packFindings(found.findings);
        rows.push({ package: one.id, findings: packed, spokenFor: found?.spokenFor ?? null });
        bytes += packed?.length ?? 0;
        this.#changed.push(one.id);
        if (rows.length < rowsAtOnce && bytes < bytesAtOnce) continue;
        yield packRematched(this.#round, rows);
        rows = [];
        bytes = 0;
      }
      if (page.length === 0) break;
    }
    if (rows.length > 0) yield packRematched(this.#round, rows);
  }

  /** Positions of the images in which something else is found, or of which advisories speak otherwise; in their order. */
  changedImages(): readonly number[] {
    const images = new Set<number>();
    this.#records.addImagesWith(this.#changed, images);
    for (const [system, ground] of this.#grounds) {
      const before = this.#before.get(system) ?? null;
      if (before === null) continue;
      const differs = differenceOf(before, ground);
      if (differs !== null) this.#records.addImagesOf(system, differs, images);
    }
    return [...images].sort((a, b) => a - b);
  }

  /** What a distribution's word on packages that it brought is worth depends on whether the distribution is covered. */
  #isOtherGround({ os }: MatchedPackage): boolean {
    const system = systemKey(os);
    const [before, now] = [this.#before.get(system) ?? null, this.#grounds.get(system)];
    return before === null || now === undefined || differenceOf(before, now) !== null;
  }

  /** null: they lead to more comparisons than any image may; images that have it are refused where they are matched. */
  #find({ os, package: one, owners }: MatchedPackage): PackageFound | null {
    try {
      this.#matcher.next();
      return this.#matcher.find(os, one, owners);
    } catch (error) {
      if (isPratiqueError(error) && error.code === 'limit-exceeded') return null;
      throw error;
    }
  }
}

/** Which images of a system another ground means, by their packages' classes; null: none. How old feeds are changes none. */
function differenceOf(before: MatchGround, now: MatchGround): ((types: PackageCounts) => boolean) | null {
  if (before.endOfLife !== now.endOfLife || said(before.system) !== said(now.system)) return () => true;
  const others = packageClasses.filter((its) => said(before.classes[its]) !== said(now.classes[its]));
  return others.length === 0 ? null : (counts) => others.some((its) => counts[its] !== undefined);
}

function said(state: CoverageState | null | undefined): string {
  if (state === null || state === undefined) return '';
  const { ecosystem, release, known, covered } = state;
  return JSON.stringify([ecosystem, release, known, covered]);
}
