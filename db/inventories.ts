import type { Digest } from '../core/digest.ts';
import type { Inventory, InventoryView, Package } from '../core/inventory.ts';
import type { Records } from '../core/ports/records.ts';
import type { EvaluatedMatch } from '../core/ports/verdicts.ts';
import { matchesOn, type SyncMatches } from './matches.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncInventories = Sync<
  Pick<Records, 'getInventory' | 'putInventory' | 'inventoried' | 'putMatch'>
> &
  SyncMatches;

/** An inventory lies in two columns: its packages are most of it, and few rules look at them. */
export interface InventoryRow {
  readonly scanned_at: string;
  readonly package_count: number;
  /** JSON of the inventory without `packages` and `analyzers`. */
  readonly head: string;
  /** Packed JSON. */
  readonly packages: Buffer;
}

type Head = Omit<Inventory, 'packages' | 'analyzers'>;

/** `putFound`: as `putMatch`, inside somebody's transaction, where the inventory still is the one that it was found in. */
export function inventoriesOn(
  db: Sqlite,
  heldFindings = 0,
): {
  readonly inventories: SyncInventories;
  readonly putFound: (found: EvaluatedMatch) => void;
} {
  const sql = {
    get: db.prepare<[Digest, string], InventoryRow>(
      'SELECT scanned_at, package_count, head, packages FROM inventory WHERE digest = ? AND analyzers = ?',
    ),
    put: db.prepare<[Digest, string, string, number, string, Uint8Array], { id: number }>(
      `INSERT INTO inventory (digest, analyzers, scanned_at, package_count, head, packages) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET analyzers = excluded.analyzers, scanned_at = excluded.scanned_at,
         package_count = excluded.package_count, head = excluded.head, packages = excluded.packages
       RETURNING id`,
    ),
    scanned: db.prepare<[Digest, string], { id: number }>(
      'SELECT id FROM inventory WHERE digest = ? AND scanned_at = ?',
    ),
    contents: db.prepare<[number], Pick<InventoryRow, 'head' | 'packages'>>(
      'SELECT head, packages FROM inventory WHERE id = ?',
    ),
    all: db.prepare<[string], { digest: Digest }>('SELECT digest FROM inventory WHERE analyzers = ?'),
  };
  const { matches, index, put } = matchesOn(db, heldFindings);
  const putInventory = db.transaction((digest: Digest, inventory: Inventory, scannedAt: string): void => {
    const { packages, analyzers, ...head } = inventory;
    const text = JSON.stringify(head);
    const row = sql.put.get(digest, analyzers, scannedAt, packages.length, text, packJson(packages));
    if (row === undefined) throw new Error(`the inventory of ${digest} was not written`);
    index(row.id, inventory);
  });
  const putFound = ({ digest, scannedAt, found }: EvaluatedMatch): void => {
    const image = sql.scanned.get(digest, scannedAt)?.id;
    if (image === undefined) return;
    const contents = (): Pick<Inventory, 'os' | 'packages'> => {
      const row = sql.contents.get(image);
      if (row === undefined) throw new Error(`the inventory of ${digest} is gone`);
      return { os: headOf(row).os, packages: packagesOf(row) };
    };
    put(image, contents, found);
  };
  const putMatch = db.transaction(putFound);
  const inventories: SyncInventories = {
    ...matches,
    getInventory: (digest, analyzers) => {
      const row = sql.get.get(digest, analyzers);
      if (row === undefined) return null;
      const inventory = { ...headOf(row), packages: packagesOf(row), analyzers };
      return { inventory, scannedAt: row.scanned_at };
    },
    putInventory: (digest, inventory, scannedAt) => putInventory.immediate(digest, inventory, scannedAt),
    putMatch: (found) => putMatch.immediate(found),
    inventoried: (analyzers) => sql.all.all(analyzers).map((row) => row.digest),
  };
  return {
    inventories,
    putFound,
  };
}

/** The packages are unpacked when somebody asks for them, once. */
export function viewOfRow(row: InventoryRow): InventoryView {
  let packages: readonly Package[] | null = null;
  return {
    ...headOf(row),
    packageCount: row.package_count,
    packages: () => {
      packages ??= packagesOf(row);
      return packages;
    },
  };
}

/** What this program wrote. */
function headOf(row: Pick<InventoryRow, 'head'>): Head {
  return JSON.parse(row.head) as Head;
}

function packagesOf(row: Pick<InventoryRow, 'packages'>): readonly Package[] {
  return unpackJson(row.packages) as readonly Package[];
}
