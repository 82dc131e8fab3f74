import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import type { Inventory, InventoryView, Package } from '../core/inventory.ts';
import type { Records } from '../core/ports/records.ts';
import { packJson, packSmall, unpackJson, unpackSmall } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncInventories = Sync<
  Pick<Records, 'getInventory' | 'putInventory' | 'inventoried' | 'getMatch' | 'putMatch'>
>;

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

export function inventoriesOn(db: Sqlite): SyncInventories {
  const sql = {
    get: db.prepare<[Digest, string], InventoryRow>(
      'SELECT scanned_at, package_count, head, packages FROM inventory WHERE digest = ? AND analyzers = ?',
    ),
    put: db.prepare<[Digest, string, string, number, string, Uint8Array]>(
      `INSERT OR REPLACE INTO inventory (digest, analyzers, scanned_at, package_count, head, packages)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    all: db.prepare<[string], { digest: Digest }>('SELECT digest FROM inventory WHERE analyzers = ?'),
    deleteMatch: db.prepare<[Digest]>('DELETE FROM match WHERE digest = ?'),
    getMatch: db.prepare<[Digest, string], { result: Buffer }>(
      'SELECT result FROM match WHERE digest = ? AND advisories_revision = ?',
    ),
    putMatch: db.prepare<[Digest, string, Uint8Array]>(
      'INSERT OR REPLACE INTO match (digest, advisories_revision, result) VALUES (?, ?, ?)',
    ),
  };
  /** What was found in another inventory is not what would be found in this one. */
  const putInventory = db.transaction((digest: Digest, inventory: Inventory, scannedAt: string): void => {
    const { packages, analyzers, ...head } = inventory;
    sql.deleteMatch.run(digest);
    sql.put.run(digest, analyzers, scannedAt, packages.length, JSON.stringify(head), packJson(packages));
  });
  return {
    getInventory: (digest, analyzers) => {
      const row = sql.get.get(digest, analyzers);
      if (row === undefined) return null;
      const inventory = { ...headOf(row), packages: packagesOf(row), analyzers };
      return { inventory, scannedAt: row.scanned_at };
    },
    putInventory: (digest, inventory, scannedAt) => putInventory.immediate(digest, inventory, scannedAt),
    inventoried: (analyzers) => sql.all.all(analyzers).map((row) => row.digest),
    getMatch: (digest, revision) => {
      const row = sql.getMatch.get(digest, revision);
      return row === undefined ? null : matchOf(row);
    },
    putMatch: (digest, match) => {
      sql.putMatch.run(digest, match.advisories.revision, packSmall(JSON.stringify(match)));
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
export function matchOf(row: { readonly result: Uint8Array }): MatchResult {
  return JSON.parse(unpackSmall(row.result)) as MatchResult;
}

function headOf(row: InventoryRow): Head {
  return JSON.parse(row.head) as Head;
}

function packagesOf(row: InventoryRow): readonly Package[] {
  return unpackJson(row.packages) as readonly Package[];
}
