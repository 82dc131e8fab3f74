import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rpm } from './index.ts';
import { headerOf } from './samples.ts';
import { berkeleyOf } from './samples-berkeley.ts';
import { ndbOf } from './samples-ndb.ts';
import { sqliteOf } from './samples-sqlite.ts';

const path = 'var/lib/rpm/Packages';
const blobs = Array.from({ length: 14 }, (_, i) =>
  headerOf({ name: `p${i}`, padding: 800 + ((i * 397) % 3000) }),
);
const databases = [
  ['SQLite', sqliteOf(blobs, { pageSize: 512 }), 512],
  ['ndb', ndbOf(blobs), 1024],
  ['Berkeley DB', berkeleyOf(blobs), 512],
  ['Berkeley DB, big-endian', berkeleyOf(blobs, { order: 'big' }), 512],
] as const;

const whys = (bytes: Buffer): string =>
  rpm
    .parse(path, bytes)
    .incomplete.map(({ why }) => why)
    .join('; ');
const changed = (bytes: Buffer, change: (copy: Buffer) => unknown): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};

describe.each(databases)('a broken database: %s', (_, whole, pageSize) => {
  it('is told wherever it is cut, with what is left of it', () => {
    for (let length = whole.length - pageSize; length >= 0; length -= pageSize) {
      const { packages, incomplete } = rpm.parse(path, whole.subarray(0, length));
      expect(packages.length).toBeLessThanOrEqual(blobs.length);
      expect({ length, told: incomplete.length > 0 }).toEqual({ length, told: true });
    }
    expect(rpm.parse(path, whole.subarray(0, whole.length - pageSize)).packages.length).toBeGreaterThan(5);
  });

  it('gives an answer of bounded size, whatever its bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 12,
        }),
        (edits) => {
          const { packages, incomplete } = rpm.parse(
            path,
            changed(whole, (copy) => {
              for (const [at, value] of edits) copy.writeUInt8(value, at);
            }),
          );
          expect(packages.length <= 2 * blobs.length && incomplete.length <= 51).toBe(true);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('is told if a page is overwritten', () => {
    for (let page = 1; page < whole.length / pageSize; page++) {
      const start = page * pageSize;
      const isFree = whole.subarray(start, start + pageSize).every((byte) => byte === 0);
      const { packages, incomplete } = rpm.parse(
        path,
        changed(whole, (copy) => copy.fill(0xff, start, Math.min(start + pageSize, copy.length))),
      );
      // What was in the middle of a header's padding tells nothing; a package is missing or everything is there.
      expect({ page, told: incomplete.length > 0 || isFree || packages.length === blobs.length }).toEqual({
        page,
        told: true,
      });
    }
  });
});

describe('a broken SQLite file', () => {
  const file = sqliteOf(blobs, { pageSize: 512 });
  const root = 2;
  it.each<readonly [string, (copy: Buffer) => unknown, RegExp]>([
    ['of pages of 500 bytes', (copy) => copy.writeUInt16BE(500, 16), /pages of 500 bytes/],
    ['of pages larger than itself', (copy) => copy.writeUInt16BE(1, 16), /shorter than one of its pages/],
    ['of a format to come', (copy) => copy.writeUInt8(3, 19), /format 3/],
    ['with all of a page reserved', (copy) => copy.writeUInt8(255, 20), /reserves 255 bytes/],
    ['in UTF-16', (copy) => copy.writeUInt32BE(2, 56), /UTF-8/],
    ['with a schema of garbage', (copy) => copy.fill(1, 100, 512), /no page of a table.*no table "Packages"/],
    [
      'whose root is a circle',
      (copy) => copy.writeUInt32BE(root, (root - 1) * 512 + 8),
      /page \d+ is used twice/,
    ],
    [
      'whose root leads out of it',
      (copy) => copy.writeUInt32BE(99_999, (root - 1) * 512 + 8),
      /page 99999 lies beyond/,
    ],
    [
      'with too many cells',
      (copy) => copy.writeUInt16BE(65_535, (root - 1) * 512 + 3),
      /more cells than fit/,
    ],
  ])('%s', (_, change, why) => {
    expect(whys(changed(file, change))).toMatch(why);
  });

  it('with another table', () => {
    expect(whys(sqliteOf(blobs, { table: 'Others' }))).toMatch(/no table "Packages"/);
  });

  it('whose cells are all the same is read once', () => {
    const one = changed(sqliteOf([headerOf({ padding: 400 })], { pageSize: 65_536 }), (copy) => {
      const at = copy.readUInt16BE(65_536 + 8);
      copy.writeUInt16BE(20_000, 65_536 + 3);
      for (let cell = 0; cell < 20_000; cell++) copy.writeUInt16BE(at, 65_536 + 8 + 2 * cell);
    });
    expect(rpm.parse(path, one).packages.length).toBeLessThan(500);
    expect(whys(one)).toMatch(/overlap/);
  });
});

describe('a broken ndb file', () => {
  const file = ndbOf(blobs);
  it.each<readonly [string, (copy: Buffer) => unknown, RegExp]>([
    ['of a version to come', (copy) => copy.writeUInt32LE(1, 4), /ndb version 1/],
    ['with more slots than it has room for', (copy) => copy.writeUInt32LE(4_000_000_000, 12), /cut/],
    ['with a slot that is none', (copy) => copy.writeUInt8(0, 32), /no slot at 32/],
    ['with a package beyond its end', (copy) => copy.writeUInt32LE(0x7fffffff, 40), /beyond the end/],
    ['with a package without room', (copy) => copy.writeUInt32LE(1, 44), /no room/],
    [
      'with two slots for one place',
      (copy) => copy.copy(copy, 48, 64, 80),
      /package 2 lies where another one does/,
    ],
    ['with a package that lost its head', (copy) => copy.writeUInt8(0, 4096), /package 1 is damaged/],
    ['with a package of another number', (copy) => copy.writeUInt8(9, 4100), /package 1 is damaged/],
  ])('%s', (_, change, why) => {
    expect(whys(changed(file, change))).toMatch(why);
  });
});

describe('a broken Berkeley DB file', () => {
  const file = berkeleyOf(blobs);
  /** The first page of a type. */
  const pageOf = (type: number): number => {
    for (let page = 1; page < file.length / 512; page++)
      if (file[page * 512 + 25] === type) return page * 512;
    throw new Error(`no page of type ${type}`);
  };
  const parts = pageOf(7);
  const hash = pageOf(13);
  it.each<readonly [string, (copy: Buffer) => unknown, RegExp]>([
    ['of pages of 100 bytes', (copy) => copy.writeUInt32LE(100, 20), /pages of 100 bytes/],
    ['of a version to come', (copy) => copy.writeUInt32LE(99, 16), /version 99/],
    ['that is encrypted', (copy) => copy.writeUInt8(1, 24), /encrypted/],
    ['with checksums', (copy) => copy.writeUInt8(1, 26), /checksums/],
    ['with a page of another kind', (copy) => copy.writeUInt8(5, hash + 25), /none of a hash \(type 5/],
    [
      'with a page of another number',
      (copy) => copy.writeUInt32LE(77, hash + 8),
      /none of a hash .*number 77/,
    ],
    ['with a page of too many items', (copy) => copy.writeUInt16LE(9999, hash + 20), /more items than fit/],
    [
      'with a page of an odd number of items',
      (copy) => copy.writeUInt16LE(3, hash + 20),
      /a number without a package/,
    ],
    ['with items that overlap', (copy) => copy.writeUInt16LE(511, hash + 28), /overlap/],
    [
      'with a key of another form',
      (copy) => copy.writeUInt8(3, copy.readUInt16LE(hash + 26) + hash),
      /no package number/,
    ],
    ['with a chain in a circle', (copy) => copy.writeUInt32LE(parts / 512, parts + 16), /used twice/],
    [
      'with a chain that leads out of it',
      (copy) => copy.writeUInt32LE(9999, parts + 16),
      /page 9999 lies beyond/,
    ],
    [
      'with a chain to a page of another kind',
      (copy) => copy.writeUInt32LE(hash / 512, parts + 16),
      /no part of a package/,
    ],
    ['with a chain that ends too early', (copy) => copy.writeUInt32LE(0, parts + 16), /bytes instead of/],
    [
      'with a part larger than its page',
      (copy) => copy.writeUInt16LE(5000, parts + 22),
      /holds more than it can/,
    ],
    [
      'with a hash page that was lost',
      (copy) => copy.fill(0, hash, hash + 512),
      /parts of packages that nothing refers to/,
    ],
  ])('%s', (_, change, why) => {
    expect(whys(changed(file, change))).toMatch(why);
  });
});
