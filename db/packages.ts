import { createHash } from 'node:crypto';
import type { OperatingSystem, Package } from '../core/inventory.ts';
import { ownersIn, packageIdentity } from '../core/match.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Distinct packages: everything that matching depends on, once, however many images have it; and which images have it.
 * An id is never used twice.
 */
export interface Packages {
  /** The ids of an image's packages in their order; makes those that are new. */
  idsOf(os: OperatingSystem | null, packages: readonly Package[]): PackageIds;
  /** Makes the index say that an image has these, and no others. */
  link(image: number, before: PackageIds | null, now: PackageIds): void;
  /** Takes out packages that no image has any more, of a few after `after`. Returns where to go on; null: that was all. */
  sweep(after: number): number | null;
}

/** One for each package of an inventory, in its order. */
export type PackageIds = Uint32Array;

/** What is kept of a package: the system that its advisories depend on, and its fields. */
export interface PackageBody {
  readonly os: OperatingSystem | null;
  readonly package: Package;
  /** What `ownersIn` told of it. */
  readonly owners: readonly Package[];
}

/** Packages that one call of `sweep` looks at: others wait meanwhile. */
const mostSwept = 2_000;

export function packagesOn(db: Sqlite): Packages {
  const sql = {
    find: db.prepare<[Uint8Array], { id: number }>('SELECT id FROM package WHERE hash = ?'),
    add: db.prepare<[Uint8Array, string]>('INSERT INTO package (hash, body) VALUES (?, ?)'),
    link: db.prepare<[number, number]>(
      'INSERT INTO package_image (package, image) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    unlink: db.prepare<[number, number]>('DELETE FROM package_image WHERE package = ? AND image = ?'),
    page: db.prepare<[number, number], { id: number; used: number }>(
      `SELECT id, EXISTS (SELECT 1 FROM package_image WHERE package = id) AS used FROM package
       WHERE id > ? ORDER BY id LIMIT ?`,
    ),
    dropMatch: db.prepare<[number]>('DELETE FROM package_match WHERE package = ?'),
    drop: db.prepare<[number]>('DELETE FROM package WHERE id = ?'),
  };
  const idOf = (os: OperatingSystem | null, one: Package, owners: readonly Package[]): number => {
    const hash = createHash('sha256')
      .update(packageIdentity(os, one, owners))
      .digest();
    const known = sql.find.get(hash)?.id;
    if (known !== undefined) return known;
    const body: PackageBody = { os, package: bare(one), owners: owners.map(bare) };
    return Number(sql.add.run(hash, JSON.stringify(body)).lastInsertRowid);
  };
  return {
    idsOf: (os, packages) => {
      const ownersOf = ownersIn(packages);
      return Uint32Array.from(packages, (one) => idOf(os, one, ownersOf(one)));
    },
    link: (image, before, now) => {
      const old = new Set(before);
      for (const id of new Set(now)) if (!old.delete(id)) sql.link.run(id, image);
      for (const id of old) sql.unlink.run(id, image);
    },
    sweep: (after) => {
      const rows = sql.page.all(after, mostSwept);
      for (const { id, used } of rows) {
        if (used === 1) continue;
        sql.dropMatch.run(id);
        sql.drop.run(id);
      }
      return rows.length < mostSwept ? null : (rows.at(-1)?.id ?? null);
    },
  };
}

/** What differs from image to image is not kept. */
function bare(one: Package): Package {
  const { changedIn: _, ...rest } = one;
  return { ...rest, layer: null, paths: [], licenses: [] };
}

export function packIds(ids: PackageIds): Uint8Array {
  return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
}

/** What `packIds` packed, on a machine that counts alike. */
export function unpackIds(bytes: Uint8Array): PackageIds {
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
