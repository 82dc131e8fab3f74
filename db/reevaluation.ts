import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { MatchState } from '../core/ports/rematching.ts';
import type { StandingRow } from './evaluated.ts';
import { FoundPackages } from './found-packages.ts';
import { type InventoryRow, viewOfRow } from './inventories.ts';
import { type PackageRecords, packageRecordsOn } from './package-records.ts';
import { openReadOnly, requireSchema } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';
import { type MarkRow, markColumns, markOfRow, verdictOfRow } from './verdict-row.ts';

export { entryOf, packEvaluated, type StandingRow } from './evaluated.ts';
export { packFindings } from './found-packages.ts';
export type { MatchedPackage, PackageRecords } from './package-records.ts';
export { packRematched, type RematchedGround, type RematchedPackage } from './rematching.ts';

/** Everything that is recorded of one image, for judging it again. What costs time to unpack is unpacked when asked for. */
export interface RecordedImage {
  /** Where it stands in the order in which images were recorded. */
  readonly position: number;
  readonly digest: Digest;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
  readonly inventory: InventoryView;
  /** ISO 8601. */
  readonly scannedAt: string;
  /** null: something of it is not known under the revision that was asked for. */
  readonly match: () => MatchResult | null;
  /** What stands by a policy; null: nothing. */
  readonly standing: (policy: string) => StandingRow | null;
}

/** Which inventories and which findings are looked for. */
export interface Ground {
  readonly analyzers: string;
  readonly advisoriesRevision: string;
}

/** The records as a thread reads them that judges all images again, beside the one that writes. */
export interface Reevaluation {
  /**
   * Images after a position (exclusive; null: from the first), as of one moment. In the order in which they were
   * recorded, because what belongs to neighbours lies together on the disk: both to read and to write.
   */
  page(ground: Ground, after: number | null, limit: number): readonly RecordedImage[];
  /** Those of these positions that have an inventory of these analyzers, in their order. */
  at(ground: Ground, positions: readonly number[]): readonly RecordedImage[];
  /** null: it has no inventory of these analyzers. */
  image(ground: Ground, digest: Digest): RecordedImage | null;
  /** How many images have an inventory of these analyzers, up to a position (null: all). */
  count(analyzers: string, upTo: number | null): number;
  /** What a new revision is matched against, by the same connection. */
  readonly packages: PackageRecords;
  close(): void;
}

type ImageRow = Omit<InventoryRow, 'packages'> & {
  readonly id: number;
  readonly digest: Digest;
  readonly system: string | null;
  readonly types: string | null;
  readonly package_ids: Buffer | null;
};
type StandingOfImage = MarkRow & { readonly digest: Digest; readonly policy: string };
interface NameOfImage {
  readonly digest: Digest;
  readonly canonical: string;
}

/** Findings that are kept in memory: most images have those of others. About 2 KiB each. */
const heldFindings = 50_000;

const images = `SELECT id, digest, scanned_at, package_count, head, system, types, image_packages.packages AS package_ids
  FROM inventory LEFT JOIN image_packages ON image = id`;

/** @throws PratiqueError `data-unusable` */
export function openReevaluation(file: string): Reevaluation {
  const db = openReadOnly(file);
  try {
    requireSchema(db, file, stateSchema);
  } catch (error) {
    db.close();
    throw error;
  }
  const found = new FoundPackages(db, heldFindings);
  const sql = {
    page: db.prepare<[string, number, number], ImageRow>(
      `${images} WHERE analyzers = ? AND id > ? ORDER BY id LIMIT ?`,
    ),
    at: db.prepare<[string, string], ImageRow>(
      `${images} WHERE id IN (SELECT value FROM json_each(?)) AND analyzers = ? ORDER BY id`,
    ),
    image: db.prepare<[string, Digest], ImageRow>(`${images} WHERE analyzers = ? AND digest = ?`),
    // Those of a page at once: a statement costs more than what it finds of one image.
    names: db.prepare<[string], NameOfImage>(
      `SELECT digest, canonical FROM json_each(?) CROSS JOIN repository_manifest ON digest = value
       JOIN repository ON repository.id = repository`,
    ),
    standing: db.prepare<[string], StandingOfImage>(
      `SELECT digest, policy, ${markColumns} FROM json_each(?) CROSS JOIN verdict_standing ON digest = value`,
    ),
    text: db.prepare<[Digest, string], { packed: Buffer }>(
      `SELECT packed FROM verdict_standing JOIN verdict_text ON verdict_text.id = text
       WHERE digest = ? AND policy = ?`,
    ),
    packages: db.prepare<[Digest, string], Pick<InventoryRow, 'packages'>>(
      'SELECT packages FROM inventory WHERE digest = ? AND scanned_at = ?',
    ),
    count: db.prepare<[string, number], { images: number }>(
      'SELECT count(*) AS images FROM inventory WHERE analyzers = ? AND id <= ?',
    ),
  };
  /** Most of an inventory is its packages, which few rules look at: they are read when one does. */
  const withPackages = (row: ImageRow): InventoryRow => ({
    ...row,
    get packages() {
      const found = sql.packages.get(row.digest, row.scanned_at);
      if (found !== undefined) return found.packages;
      throw new PratiqueError(
        'data-unusable',
        `the inventory of ${row.digest} was replaced while it was read`,
      );
    },
  });
  const standingOf = (row: StandingOfImage): StandingRow => ({
    version: row.version,
    status: row.status,
    mark: markOfRow(row),
    verdict: () => {
      // Of another version where somebody has written one since the page was read: then nothing is written of it.
      const text = sql.text.get(row.digest, row.policy);
      return text === undefined ? null : verdictOfRow(row, text.packed);
    },
  });
  /** Found at once, as of the same moment as all else; what goes wrong with it is one image's trouble. */
  const matchOf = (row: ImageRow, state: MatchState | null): RecordedImage['match'] => {
    const { system, types, package_ids: packages } = row;
    if (state === null || system === null || types === null || packages === null) return () => null;
    try {
      const match = found.match({ system, types, packages }, state);
      return () => match;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
  const imagesOf = (rows: readonly ImageRow[], revision: string): RecordedImage[] => {
    const recorded = found.state();
    const state = recorded?.revision === revision ? recorded : null;
    const asked = JSON.stringify(rows.map(({ digest }) => digest));
    const names = byDigest(sql.names.all(asked));
    const standing = byDigest(sql.standing.all(asked));
    return rows.map((row) => {
      const { digest } = row;
      const policies = standing.get(digest) ?? [];
      return {
        position: row.id,
        digest,
        images: [...new Set(names.get(digest)?.map(({ canonical }) => canonical))].sort(),
        // A row that cannot be read is one image's trouble, and not that of its page.
        get inventory() {
          return viewOfRow(withPackages(row));
        },
        scannedAt: row.scanned_at,
        match: matchOf(row, state),
        standing: (policy) => {
          const found = policies.find((one) => one.policy === policy);
          return found === undefined ? null : standingOf(found);
        },
      };
    });
  };
  // One transaction, so that its rows belong together; none is long, for it keeps the write-ahead log from being emptied.
  const page = db.transaction(({ analyzers, advisoriesRevision }: Ground, after: number, limit: number) =>
    imagesOf(sql.page.all(analyzers, after, limit), advisoriesRevision),
  );
  const at = db.transaction(({ analyzers, advisoriesRevision }: Ground, positions: readonly number[]) =>
    imagesOf(sql.at.all(JSON.stringify(positions), analyzers), advisoriesRevision),
  );
  const image = db.transaction(({ analyzers, advisoriesRevision }: Ground, digest: Digest) => {
    const row = sql.image.get(analyzers, digest);
    return row === undefined ? null : (imagesOf([row], advisoriesRevision)[0] ?? null);
  });
  return {
    page: (ground, after, limit) => page(ground, after ?? 0, limit),
    at,
    image,
    count: (analyzers, upTo) => sql.count.get(analyzers, upTo ?? Number.MAX_SAFE_INTEGER)?.images ?? 0,
    packages: packageRecordsOn(db),
    close: () => {
      db.close();
    },
  };
}

function byDigest<Row extends { readonly digest: Digest }>(rows: readonly Row[]): Map<Digest, Row[]> {
  const found = new Map<Digest, Row[]>();
  for (const row of rows) {
    const others = found.get(row.digest);
    if (others === undefined) found.set(row.digest, [row]);
    else others.push(row);
  }
  return found;
}
