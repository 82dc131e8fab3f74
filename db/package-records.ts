import type { MatchGround, PackageCounts, PackageFound } from '../core/match.ts';
import type { MatchState } from '../core/ports/rematching.ts';
import { type FoundRow, foundOf } from './found-packages.ts';
import type { PackageBody } from './packages.ts';
import type { Sqlite } from './sqlite.ts';

/** A distinct package of which it is known what was found in it. */
export interface MatchedPackage extends PackageBody {
  /** Where it stands in the order in which findings were recorded first. */
  readonly position: number;
  readonly id: number;
  /** Unpacks it, which costs time. */
  readonly found: () => PackageFound;
}

/** The distinct packages and which images hold them, as a thread reads them that matches a new revision. */
export interface PackageRecords {
  state(): MatchState | null;
  /** Those that were matched, after a position (exclusive). */
  matched(after: number, limit: number): readonly MatchedPackage[];
  /** Systems that images have, as `systemKey` names them, with what is said of each; null: nothing yet. */
  systems(): ReadonlyMap<string, MatchGround | null>;
  /** Adds the positions of images that hold a package. */
  addImagesWith(packages: Iterable<number>, to: Set<number>): void;
  /** Adds the positions of images with this system that `isMeant`, by the types of their packages. */
  addImagesOf(system: string, isMeant: (types: PackageCounts) => boolean, to: Set<number>): void;
}

interface MatchedRow extends FoundRow {
  readonly position: number;
  readonly id: number;
  readonly body: string;
}

export function packageRecordsOn(db: Sqlite): PackageRecords {
  const sql = {
    state: db.prepare<[], MatchState>('SELECT revision, generation FROM match_state'),
    matched: db.prepare<[number, number], MatchedRow>(
      `SELECT package_match.id AS position, package.id AS id, body, findings, spoken_for AS spokenFor
       FROM package_match
       JOIN package ON package.id = package WHERE package_match.id > ? ORDER BY package_match.id LIMIT ?`,
    ),
    systems: db.prepare<[], { system: string; ground: string | null }>(
      `SELECT system, ground FROM (SELECT DISTINCT system FROM image_packages) LEFT JOIN match_ground USING (system)`,
    ),
    holders: db.prepare<[number], number>('SELECT image FROM package_image WHERE package = ?').pluck(),
    ofSystem: db.prepare<[string], { image: number; types: string }>(
      'SELECT image, types FROM image_packages WHERE system = ?',
    ),
  };
  return {
    state: () => sql.state.get() ?? null,
    matched: (after, limit) =>
      sql.matched.all(after, limit).map(({ position, id, body, ...row }) => ({
        ...(JSON.parse(body) as PackageBody),
        position,
        id,
        found: () => foundOf(row),
      })),
    systems: () =>
      new Map(
        sql.systems
          .all()
          .map(({ system, ground }) => [
            system,
            ground === null ? null : (JSON.parse(ground) as MatchGround),
          ]),
      ),
    addImagesWith: (packages, to) => {
      for (const id of packages) for (const image of sql.holders.iterate(id)) to.add(image);
    },
    addImagesOf: (system, isMeant, to) => {
      for (const { image, types } of sql.ofSystem.iterate(system)) {
        if (isMeant(JSON.parse(types) as PackageCounts)) to.add(image);
      }
    },
  };
}
