import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import type { StandingRow } from './evaluated.ts';
import { imagesOn } from './images.ts';
import { type InventoryRow, matchOf, viewOfRow } from './inventories.ts';
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

/** The records as a thread reads them that judges all images again, beside the one that writes. */
export interface Reevaluation {
  /** Images after a digest (exclusive; null: from the first), in the order of their digests, as of one moment. */
  page(
    asked: { readonly analyzers: string; readonly advisoriesRevision: string },
    after: Digest | null,
    limit: number,
  ): readonly RecordedImage[];
  close(): void;
}

interface StandingBytes {
  readonly policy: string;
  readonly version: number;
  readonly verdict: Buffer;
}

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
  const sql = {
    page: db.prepare<[string, string, number], InventoryRow & { digest: Digest }>(
      `SELECT digest, scanned_at, package_count, head, packages FROM inventory
       WHERE analyzers = ? AND digest > ? ORDER BY digest LIMIT ?`,
    ),
    match: db.prepare<[Digest, string], { result: Buffer }>(
      'SELECT result FROM match WHERE digest = ? AND advisories_revision = ?',
    ),
    standing: db.prepare<[Digest], StandingBytes>(
      'SELECT policy, version, verdict FROM verdict_standing WHERE digest = ?',
    ),
  };
  // One transaction for a page, so that its rows belong together; a longer one would keep the log from being emptied.
  const page = db.transaction(
    (analyzers: string, revision: string, after: string, limit: number): RecordedImage[] =>
      sql.page.all(analyzers, after, limit).map((row) => {
        const match = sql.match.get(row.digest, revision);
        const standing = sql.standing.all(row.digest);
        return {
          digest: row.digest,
          images: imagesOf(row.digest),
          inventory: viewOfRow(row),
          scannedAt: row.scanned_at,
          match: match === undefined ? null : () => matchOf(match),
          standing: (policy) => standingOf(standing, policy),
        };
      }),
  );
  return {
    page: ({ analyzers, advisoriesRevision }, after, limit) =>
      page(analyzers, advisoriesRevision, after ?? '', limit),
    close: () => {
      db.close();
    },
  };
}

function standingOf(rows: readonly StandingBytes[], policy: string): StandingRow | null {
  const row = rows.find((one) => one.policy === policy);
  return row === undefined ? null : { version: row.version, verdict: verdictOf(row) };
}
