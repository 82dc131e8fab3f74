import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { baseOf, cleanPath, decodeName, encodeName, joinPath, parentOf } from './tar-path.ts';

describe('cleanPath', () => {
  it.each([
    ['etc/os-release', 'etc/os-release'],
    ['./etc/os-release', 'etc/os-release'],
    ['/etc/os-release', 'etc/os-release'],
    ['//etc///os-release//', 'etc/os-release'],
    ['etc/./os-release/.', 'etc/os-release'],
    ['etc/x/../os-release', 'etc/os-release'],
    ['../../etc/os-release', 'etc/os-release'],
    ['etc/../../../etc/os-release', 'etc/os-release'],
    ['..', ''],
    ['.', ''],
    ['/', ''],
    ['', ''],
    ['...', '...'],
    ['.wh..wh..opq', '.wh..wh..opq'],
    ['a/..b/c..', 'a/..b/c..'],
    ['a\\..\\b', 'a\\..\\b'],
    [' /a ', ' /a '],
  ])('%j is %j', (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  it('never leaves anything to clean', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b.c', '.', '..', '', '...')), (parts) => {
        const clean = cleanPath(parts.join('/'));
        expect(clean.split('/').filter((part) => ['.', '..'].includes(part))).toEqual([]);
        expect(clean).not.toMatch(/^\/|\/\/|\/$/);
        expect(cleanPath(clean)).toBe(clean);
      }),
    );
  });
});

describe('decodeName', () => {
  it.each<readonly [readonly number[], string]>([
    [[0x61, 0xc3, 0xa4], 'aä'],
    [[0x61, 0xe4], 'a\udce4'],
    [[0xef, 0xbf, 0xbd], '\udcef\udcbf\udcbd'],
    [[], ''],
  ])('%j is %j', (bytes, text) => {
    expect(decodeName(Buffer.from(bytes))).toBe(text);
  });

  it('can be taken back', () => {
    const text = fc.string({ unit: 'grapheme' }).map((one) => Buffer.from(one));
    const parts = fc.oneof(
      text,
      fc.uint8Array({ maxLength: 20 }).map((one) => Buffer.from(one)),
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 5 }), (all) => {
        const bytes = Buffer.concat(all);
        expect(encodeName(decodeName(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('gives different names to different bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 6 }).map((one) => Buffer.from(one));
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(decodeName(a) === decodeName(b)).toBe(a.equals(b));
      }),
      { numRuns: 2000 },
    );
    expect(decodeName(Buffer.from([0xe4]))).not.toBe(decodeName(Buffer.from([0xc3, 0xa4])));
  });
});

describe('parts of a path', () => {
  it.each([
    ['a/b/c', 'a/b', 'c'],
    ['a', '', 'a'],
    ['', '', ''],
  ])('%j has the parent %j and the base %j', (path, parent, base) => {
    expect([parentOf(path), baseOf(path), joinPath(parent, base)]).toEqual([parent, base, path]);
  });
});
