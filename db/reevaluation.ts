import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { StandingRow } from './evaluated.ts';
import { imagesOn } from './images.ts';
import { type InventoryRow, viewOfRow } from './inventories.ts';
import { FindingsById, type MatchRow, matchOf } from './matches.ts';
import { openReadOnly, requireSchema } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';
import { verdictOf } from './verdicts.ts';

export { entryOf, packEvaluated, type StandingRow } from './evaluated.ts';

/** Everything that is recorded of one image, for judging it again. What costs time to unpack is unpacked when asked for. */
export interface RecordedImage {
  readonly digest: Digest;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
  readonly inventory: InventoryView;
  /** ISO 8601. */
  readonly scannedAt: string;
  /** null: nothing was found out under the revision that was asked for. */
  readonly match: (() => MatchResult) | null;
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
  /** Images after a digest (exclusive; null: from the first), in the order of their digests, as of one moment. */
  page(ground: Ground, after: Digest | null, limit: number): readonly RecordedImage[];
  /** null: it has no inventory of these analyzers. */
  image(ground: Ground, digest: Digest): RecordedImage | null;
  /** How many images have an inventory of these analyzers. */
  count(analyzers: string): number;
  close(): void;
}

type ImageRow = Omit<InventoryRow, 'packages'> & { readonly digest: Digest };

interface StandingBytes {
  readonly policy: string;
  readonly version: number;
  readonly verdict: Buffer;
}

/** Findings that are kept in memory: most images have those of others. About 2 KiB each. */
const mostFindings = 50_000;

/** @throws PratiqueError `data-unusable` */
export function openReevaluation(file: string): Reevaluation {
  const db = openReadOnly(file);
  try {
    requireSchema(db, file, stateSchema);
  } catch (error) {
    db.close();
    throw error;
  }
  const imagesOf = imagesOn(db);
  const findings = new FindingsById(db, mostFindings);
  const sql = {
    page: db.prepare<[string, string, number], ImageRow>(
      `SELECT digest, scanned_at, package_count, head FROM inventory
       WHERE analyzers = ? AND digest > ? ORDER BY digest LIMIT ?`,
    ),
    image: db.prepare<[string, Digest], ImageRow>(
      `SELECT digest, scanned_at, package_count, head FROM inventory
       WHERE analyzers = ? AND digest = ?`,
    ),
    packages: db.prepare<[Digest, string], Pick<InventoryRow, 'packages'>>(
      'SELECT packages FROM inventory WHERE digest = ? AND scanned_at = ?',
    ),
    count: db.prepare<[string], { images: number }>(
      'SELECT count(*) AS images FROM inventory WHERE analyzers = ?',
    ),
    match: db.prepare<[Digest, string], MatchRow>(
      'SELECT result FROM match WHERE digest = ? AND advisories_revision = ?',
    ),
    standing: db.prepare<[Digest], StandingBytes>(
      'SELECT policy, version, verdict FROM verdict_standing WHERE digest = ?',
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
  const imageOf = (row: ImageRow, revision: string): RecordedImage => {
    const match = sql.match.get(row.digest, revision);
    const standing = sql.standing.all(row.digest);
    return {
      digest: row.digest,
      images: imagesOf(row.digest),
      // A row that cannot be read is one image's trouble, and not that of its page.
      get inventory() {
        return viewOfRow(withPackages(row));
      },
      scannedAt: row.scanned_at,
      match: match === undefined ? null : () => matchOf(match, findings),
      standing: (policy) => standingOf(standing, policy),
    };
  };
  // One transaction, so that its rows belong together; none is long, for it keeps the write-ahead log from being emptied.
  const page = db.transaction((ground: Ground, after: string, limit: number): RecordedImage[] =>
    sql.page.all(ground.analyzers, after, limit).map((row) => imageOf(row, ground.advisoriesRevision)),
  );
  const image = db.transaction((ground: Ground, digest: Digest): RecordedImage | null => {
    const row = sql.image.get(ground.analyzers, digest);
    return row === undefined ? null : imageOf(row, ground.advisoriesRevision);
  });
  return {
    page: (ground, after, limit) => page(ground, after ?? '', limit),
    image,
    count: (analyzers) => sql.count.get(analyzers)?.images ?? 0,
    close: () => {
      db.close();
    },
  };
}

function standingOf(rows: readonly StandingBytes[], policy: string): StandingRow | null {
  const row = rows.find((one) => one.policy === policy);
  return row === undefined ? null : { version: row.version, verdict: verdictOf(row) };
}
