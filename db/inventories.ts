import type { Digest } from '../core/digest.ts';
import type { Inventory, InventoryView, Package } from '../core/inventory.ts';
import type { Records } from '../core/ports/records.ts';
import type { EvaluatedMatch } from '../core/ports/verdicts.ts';
import { matchesOn, type SyncMatches } from './matches.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncInventories = Sync<Pick<Records, 'getInventory' | 'putInventory' | 'inventoried'>> &
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
    put: db.prepare<[Digest, string, string, number, string, Uint8Array]>(
      `INSERT OR REPLACE INTO inventory (digest, analyzers, scanned_at, package_count, head, packages)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    isScanned: db.prepare<[Digest, string]>('SELECT 1 FROM inventory WHERE digest = ? AND scanned_at = ?'),
    all: db.prepare<[string], { digest: Digest }>('SELECT digest FROM inventory WHERE analyzers = ?'),
  };
  const { matches, put, forget } = matchesOn(db, heldFindings);
  /** What was found in another inventory is not what would be found in this one. */
  const putInventory = db.transaction((digest: Digest, inventory: Inventory, scannedAt: string): void => {
    const { packages, analyzers, ...head } = inventory;
    forget(digest);
    sql.put.run(digest, analyzers, scannedAt, packages.length, JSON.stringify(head), packJson(packages));
  });
  const inventories: SyncInventories = {
    ...matches,
    getInventory: (digest, analyzers) => {
      const row = sql.get.get(digest, analyzers);
      if (row === undefined) return null;
      const inventory = { ...headOf(row), packages: packagesOf(row), analyzers };
      return { inventory, scannedAt: row.scanned_at };
    },
    putInventory: (digest, inventory, scannedAt) => putInventory.immediate(digest, inventory, scannedAt),
    inventoried: (analyzers) => sql.all.all(analyzers).map((row) => row.digest),
  };
  return {
    inventories,
    putFound: ({ digest, scannedAt, match }) => {
      if (sql.isScanned.get(digest, scannedAt) !== undefined) put(digest, match);
    },
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
function headOf(row: InventoryRow): Head {
  return JSON.parse(row.head) as Head;
}

function packagesOf(row: InventoryRow): readonly Package[] {
  return unpackJson(row.packages) as readonly Package[];
}
