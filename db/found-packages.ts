import type { Finding, MatchResult } from '../core/finding.ts';
import {
  assembleMatch,
  type MatchGround,
  mostFindings,
  type PackageCounts,
  type PackageFound,
  type PackageMatches,
  packageClasses,
} from '../core/match.ts';
import type { MatchState } from '../core/ports/rematching.ts';
import { unpackIds } from './packages.ts';
import { packSmall, unpackSmall } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';

/** What an image's match is assembled from, as it lies in `image_packages`. */
export interface ImagePackagesRow {
  readonly system: string;
  /** JSON of `PackageCounts`. */
  readonly types: string;
  readonly packages: Uint8Array;
}

/** Empty for the many packages that nothing was found in: nothing is packed, and nothing parsed. */
export function packFindings(findings: readonly Finding[]): Uint8Array {
  return findings.length === 0 ? nothing : packSmall(JSON.stringify(findings));
}

/** What this program wrote. */
export function unpackFindings(packed: Uint8Array): readonly Finding[] {
  return packed.length === 0 ? none : (JSON.parse(unpackSmall(packed)) as readonly Finding[]);
}

const nothing = new Uint8Array(0);
const none: readonly Finding[] = [];
/** Most are like that, and need no place each. */
const plain: PackageFound = { findings: none, spokenFor: null };

/** As it lies in `package_match`. */
export interface FoundRow {
  readonly findings: Buffer;
  readonly spokenFor: PackageFound['spokenFor'];
}

export function foundOf({ findings, spokenFor }: FoundRow): PackageFound {
  if (findings.length === 0 && spokenFor === null) return plain;
  return { findings: unpackFindings(findings), spokenFor };
}

/** Packages that are kept in memory beside their findings: about a hundred bytes each. */
const packagesPerFinding = 10;

/**
 * Assembles matches from what is recorded of packages. To be asked inside a transaction, so that all belongs together.
 */
export class FoundPackages {
  readonly #most: number;
  readonly #sql;
  #held = new Map<number, PackageFound>();
  #heldFindings = 0;
  #grounds = new Map<string, MatchGround>();
  #generation = -1;

  /** @param most findings that are kept in memory; 0: nothing is */
  constructor(db: Sqlite, most: number) {
    this.#most = most;
    this.#sql = {
      state: db.prepare<[], MatchState>('SELECT revision, generation FROM match_state'),
      found: db.prepare<[number], FoundRow>(
        'SELECT findings, spoken_for AS spokenFor FROM package_match WHERE package = ?',
      ),
      ground: db.prepare<[string], { ground: string }>('SELECT ground FROM match_ground WHERE system = ?'),
    };
  }

  /** null: nothing was ever found. */
  state(): MatchState | null {
    return this.#sql.state.get() ?? null;
  }

  /** null: something of it is not known under the recorded revision, or it is more than an image may have. */
  match(row: ImagePackagesRow, state: MatchState): MatchResult | null {
    this.#keepUpWith(state);
    const ground = this.#ground(row.system);
    if (ground === null) return null;
    const packages: PackageFound[] = [];
    const seen = new Set<number>();
    let count = 0;
    for (const id of unpackIds(row.packages)) {
      const found = this.#found(id);
      if (found === null) return null;
      if (!seen.has(id)) {
        seen.add(id);
        count += found.findings.length;
        if (found.findings.length > 0 || found.spokenFor !== null) packages.push(found);
      } else if (found.spokenFor !== null) packages.push({ findings: none, spokenFor: found.spokenFor });
    }
    if (count > mostFindings) return null;
    const matches: PackageMatches = { revision: state.revision, ground, packages };
    return assembleMatch(JSON.parse(row.types) as PackageCounts, matches);
  }

  #keepUpWith({ generation }: MatchState): void {
    if (generation === this.#generation && this.#most > 0) return;
    this.#forget();
    this.#generation = generation;
  }

  #forget(): void {
    this.#held = new Map();
    this.#grounds = new Map();
    this.#heldFindings = 0;
  }

  #found(id: number): PackageFound | null {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    const row = this.#sql.found.get(id);
    if (row === undefined) return null;
    const found = foundOf(row);
    if (this.#most === 0) return found;
    if (this.#heldFindings > this.#most || this.#held.size > this.#most * packagesPerFinding) this.#forget();
    this.#held.set(id, found);
    this.#heldFindings += found.findings.length;
    return found;
  }

  #ground(system: string): MatchGround | null {
    const held = this.#grounds.get(system);
    if (held !== undefined) return held;
    const row = this.#sql.ground.get(system);
    if (row === undefined) return null;
    const ground = JSON.parse(row.ground) as MatchGround;
    // A version that knew fewer kinds of packages recorded it.
    if (packageClasses.some((its) => !Object.hasOwn(ground.classes, its))) return null;
    if (this.#most > 0) this.#grounds.set(system, ground);
    return ground;
  }
}
