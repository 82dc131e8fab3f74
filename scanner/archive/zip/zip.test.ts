import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jarOf, type ZipEntrySpec, type ZipSpec, zipOf } from '../../../test/support/zip.ts';
import { readEntry } from './content.ts';
import { entriesOf } from './entries.ts';
import { defaultZipLimits, type ZipLimits, zipBudget } from './limits.ts';

/** `name=content` of every entry, `name: fault` of one that cannot be read, or the fault of the archive. */
function read(bytes: Buffer, limits: Partial<ZipLimits> = {}, most = Number.POSITIVE_INFINITY): string[] {
  const budget = zipBudget(bytes.length, { ...defaultZipLimits, ...limits });
  return [...entriesOf(bytes, budget)].map((entry) => {
    if ('fault' in entry) return entry.fault;
    const content = readEntry(bytes, entry, budget, most);
    return 'fault' in content
      ? `${entry.name}: ${content.fault}`
      : `${entry.name}=${content.bytes.toString('utf8')}`;
  });
}

const plain: readonly ZipEntrySpec[] = [
  { name: 'a', content: 'one' },
  { name: 'folder/' },
  { name: 'folder/ä', content: 'two', stored: true },
];

describe('a ZIP archive', () => {
  it.each<readonly [string, ZipSpec]>([
    ['as it is', {}],
    ['behind a script', { prefix: Buffer.from('#!/bin/sh\nexec java -jar "$0"\n') }],
    ['with a comment', { comment: 'a comment' }],
    ['with a comment that holds an end record', { comment: `PK\u0005\u0006${'\0'.repeat(18)}x` }],
    ['in zip64', { zip64: true }],
    ['in zip64 behind a script', { zip64: true, prefix: Buffer.from('#!/bin/sh\n') }],
  ])('is read %s', (_, spec) => expect(read(zipOf(plain, spec))).toEqual(['a=one', 'folder/ä=two']));

  it('is read with something behind it', () => {
    expect(read(Buffer.concat([zipOf(plain), Buffer.from('signature')]))).toEqual(['a=one', 'folder/ä=two']);
  });

  it('may be empty', () => expect(read(zipOf([]))).toEqual([]));

  it.each<readonly [string, Buffer, string]>([
    ['no archive', Buffer.from('version https://git-lfs.example/spec/v1\n'), 'no ZIP archive'],
    ['nothing', Buffer.alloc(0), 'no ZIP archive'],
    ['cut off', zipOf(plain).subarray(0, -30), 'no ZIP archive'],
    ['cut off in front', zipOf(plain).subarray(60), 'outside of it'],
    [
      'of several disks',
      Buffer.concat([Buffer.from('PK\u0005\u0006\u0001'), Buffer.alloc(17)]),
      'several disks',
    ],
    ['of another count', zipOf(plain, { count: 7 }), 'says it has 7 entries, but has 3'],
    [
      'with an offset beyond the file',
      zipOf([{ name: 'a', claim: { offset: 4_000_000 } }]),
      '"a" is not where',
    ],
    [
      'with an offset into another entry',
      zipOf([...plain, { name: 'b', claim: { offset: 0 } }]),
      '"b" has another',
    ],
    ['with another name inside', zipOf([{ name: 'a.txt', localName: 'b.jar' }]), '"a.txt" has another name'],
    ['encrypted', zipOf([{ name: 'a', content: 'x', flags: 1 }]), 'a: it is encrypted'],
    [
      'of another method',
      zipOf([{ name: 'a', content: 'x', method: 14 }]),
      'a: it is compressed by method 14',
    ],
    [
      'that is shorter than it says',
      zipOf([{ name: 'a', content: 'x', claim: { bytes: 9 } }]),
      'a: it is longer or',
    ],
    ['longer than it says', zipOf([{ name: 'a', content: 'xx', claim: { bytes: 1 } }]), 'a: it is longer or'],
    ['much shorter', zipOf([{ name: 'a', content: 'x', claim: { bytes: 900_000 } }]), 'a: it is longer or'],
    ['of packed bytes beyond it', zipOf([{ name: 'a', claim: { packedBytes: 1e6 } }]), 'a: it is cut off'],
    [
      'of no deflate',
      zipOf([{ name: 'a', content: '\u0007', stored: true, method: 8 }]),
      'a: it cannot be unpacked',
    ],
    ['of a very long name', zipOf([{ name: 'n'.repeat(5000) }]), 'a name of 5000 bytes'],
    ['that is damaged', damaged(zipOf(plain)), 'entry 2 of its central directory is damaged'],
  ])('%s: is told', (_, bytes, expected) => {
    expect(read(bytes).join('; ')).toContain(expected);
  });

  it('is bounded in what is unpacked', () => {
    const bomb = zipOf([{ name: 'a', content: Buffer.alloc(5 * 1024 ** 2) }]);
    expect(read(bomb)[0]).toMatch(
      /^a: with it more than 1\d{6} bytes of the archive would have to be unpacked$/,
    );
    expect(read(zipOf(plain), {}, 2)[0]).toBe('a: it has 3 bytes, more than the 2 that are read');
    expect(read(zipOf(plain), { freeBytes: 4, ratio: 0 })[1]).toContain('more than 4 bytes of the archive');
  });

  it('is bounded in its entries, and quick about many', () => {
    const many = zipOf(Array.from({ length: 100_000 }, (_, at) => ({ name: `e${at}`, stored: true })));
    const start = performance.now();
    expect(read(many)).toHaveLength(100_000);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(read(many, { entries: 1000 }).at(-1)).toContain('more than 1000 entries');
  });

  it('is never an exception, whatever its bytes', () => {
    const nested = jarOf(
      [{ group: 'g', artifact: 'a', version: '1' }],
      [{ name: 'x.jar', content: zipOf(plain) }],
    );
    const archive = fc.constantFrom(zipOf(plain), zipOf(plain, { zip64: true }), nested);
    const change = fc.record({ at: fc.nat(), to: fc.constantFrom(0, 1, 0x50, 0x7f, 0x80, 0xff) });
    fc.assert(
      fc.property(archive, fc.array(change, { maxLength: 6 }), fc.nat(40), (bytes, changes, cut) => {
        const mutated = Buffer.from(bytes.subarray(0, bytes.length - (cut > 20 ? cut : 0)));
        for (const { at, to } of changes) mutated[at % mutated.length] = to;
        const start = performance.now();
        for (const one of read(mutated)) expect(typeof one).toBe('string');
        expect(performance.now() - start).toBeLessThan(1000);
      }),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(Buffer.from(bytes))));
  });
});

/** The second record of the central directory loses its signature. */
function damaged(bytes: Buffer): Buffer {
  const second = bytes.indexOf('folder/', bytes.indexOf('PK\u0001\u0002') + 46);
  bytes[second - 46] = 0;
  return bytes;
}
