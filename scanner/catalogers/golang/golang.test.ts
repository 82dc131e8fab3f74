import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FileFacts } from '../cataloger.ts';
import { golang } from './index.ts';
import { golangPurl } from './purl.ts';
import { frameEnd, frameStart } from './record.ts';
import {
  elf,
  framed,
  goProgram,
  heads,
  list,
  note,
  oldRecord,
  program,
  rawRecord,
  record,
} from './samples.ts';

const path = 'usr/bin/tool';

function factsOf(bytes: Buffer, cuts: readonly number[] = []): FileFacts | null {
  const probe = golang.probe(path);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    // A copy each, which is overwritten: what a probe keeps it has to copy.
    const part = Buffer.from(bytes.subarray(from, to));
    probe.take(part);
    part.fill(0xee);
    from = to;
  }
  return probe.facts();
}
const names = (facts: FileFacts | null): string[] | null =>
  facts?.packages.map(({ name, version }) => `${name} ${version}`) ?? null;
const whys = (facts: FileFacts | null): string =>
  (facts?.incomplete ?? []).map(({ what, why }) => `${what}: ${why}`).join('; ');

const mark = record('go1.22.3', null).subarray(0, 14);
const main = 'example.org/main@v1.0.0';
const simple = record('go1.22.3', list(main, 'golang.org/x/net@v0.1.0'));
const looseList = framed(list(main, 'golang.org/x/net@v0.1.0'));
const brokenText = record('go1.22.3', 'mod\tXX\n').subarray(42);
brokenText.fill(0xff, brokenText.indexOf('XX'), brokenText.indexOf('XX') + 2);
const simpleNames = ['stdlib 1.22.3', 'example.org/main v1.0.0', 'golang.org/x/net v0.1.0'];

describe('Go programs', () => {
  it.each(Object.entries(heads))('%s', (_, head) => {
    const facts = factsOf(program(head, simple));
    expect(names(facts)).toEqual(simpleNames);
    expect(facts?.incomplete).toEqual([]);
    expect(facts?.packages[2]).toEqual({
      type: 'golang',
      name: 'golang.org/x/net',
      version: 'v0.1.0',
      arch: null,
      source: { name: 'golang.org/x/net', version: 'v0.1.0' },
      licenses: [],
    });
  });

  it.each<readonly [string, Buffer, readonly string[]]>([
    [
      'a main module without a version',
      goProgram('go1.22.3', 'example.org/main@(devel)'),
      ['stdlib 1.22.3', 'example.org/main (devel)'],
    ],
    [
      'a main module without a version, but for what the linker was told',
      elf(
        record(
          'go1.22.3',
          `${list('example.org/main@(devel)', 'a.org/a@v1.0.0')}build\t-ldflags="-s -X main.version=1.4.0"\n`,
        ),
      ),
      ['stdlib 1.22.3', 'example.org/main v1.4.0', 'a.org/a v1.0.0'],
    ],
    [
      'a module that another has replaced',
      goProgram('go1.22.3', main, 'a.org/a@v1.0.0 => b.org/a@v1.0.1', 'c.org/c@v1.0.0'),
      ['stdlib 1.22.3', 'example.org/main v1.0.0', 'b.org/a v1.0.1', 'c.org/c v1.0.0'],
    ],
    [
      'a module that a folder has replaced',
      goProgram('go1.22.3', main, 'a.org/a@v1.0.0 => ./staging/a@(devel)', 'a.org/b@v1.0.0 => C:\\b'),
      ['stdlib 1.22.3', 'example.org/main v1.0.0', 'a.org/a (devel)', 'a.org/b (devel)'],
    ],
    [
      'versions of every kind',
      goProgram(
        'go1.24.0',
        'example.org/m@v0.0.0-20260707030041-9977d6d38fcc+dirty',
        'github.com/docker/docker@v20.10.9+incompatible',
      ),
      [
        'stdlib 1.24.0',
        'example.org/m v0.0.0-20260707030041-9977d6d38fcc+dirty',
        'github.com/docker/docker v20.10.9+incompatible',
      ],
    ],
    ['no list of modules', elf(record('go1.22.3', null)), ['stdlib 1.22.3']],
    [
      'a list that no record points to, and a name that stands alone',
      elf(Buffer.from('\0go1.26.5\0'), looseList),
      ['stdlib 1.26.5', 'example.org/main v1.0.0', 'golang.org/x/net v0.1.0'],
    ],
    [
      'the same, the name behind the list',
      elf(looseList, Buffer.from('\0go1.26.5\0')),
      ['stdlib 1.26.5', 'example.org/main v1.0.0', 'golang.org/x/net v0.1.0'],
    ],
    [
      'a record before 1.18, and the list that it has the address of',
      elf(oldRecord(8, false), Buffer.from('\0go1.17.13\0'), looseList),
      ['stdlib 1.17.13', 'example.org/main v1.0.0', 'golang.org/x/net v0.1.0'],
    ],
    ['its list once more elsewhere', elf(looseList, simple, Buffer.from('\0go1.22.3\0')), simpleNames],
    [
      'frames around nothing, as programs have them that read lists',
      elf(frameStart, frameEnd, simple, frameStart),
      simpleNames,
    ],
    ['an empty list', elf(record('go1.22.3', '')), ['stdlib 1.22.3']],
    [
      "a command of Go's own",
      elf(record('go1.22.3', 'path\tcmd/go\nbuild\t-compiler=gc\n')),
      ['stdlib 1.22.3', 'toolchain 1.22.3'],
    ],
    ['the record at the very end', Buffer.concat([heads.elf, Buffer.alloc(8), simple]), simpleNames],
    [
      'a program for two architectures',
      program(heads['universal mach-o'], simple, Buffer.alloc(999), simple),
      simpleNames,
    ],
    [
      'a program within a program',
      elf(simple, goProgram('go1.20', 'example.org/inner@v2.0.0')),
      [...simpleNames, 'stdlib 1.20.0', 'example.org/inner v2.0.0'],
    ],
    ['a mark that begins nothing, before it', elf(mark, Buffer.from('something else'), simple), simpleNames],
    ['a mark in front of the mark', elf(Buffer.concat([mark, Buffer.alloc(2)]), simple), simpleNames],
    ['a mark in the wrong place', elf(Buffer.concat([Buffer.alloc(3), mark]), simple), simpleNames],
    [
      'a toolchain of its own name',
      elf(record('corp-7', list(main))),
      ['stdlib corp-7', 'example.org/main v1.0.0'],
    ],
  ])('with %s', (_, bytes, expected) => {
    expect(names(factsOf(bytes))).toEqual(expected);
    expect(whys(factsOf(bytes))).toBe('');
  });

  it.each<readonly [string, Buffer]>([
    ['no record', elf(Buffer.from('just a program'))],
    ['a record in the wrong place', elf(Buffer.concat([Buffer.alloc(5), record('go1.22.3', '')]))],
    ['a mark alone', elf(mark)],
    ['a mark at the very end', Buffer.concat([heads.elf, Buffer.alloc(8), mark])],
    ['a toolchain without a name', elf(rawRecord(Buffer.alloc(0), Buffer.alloc(0)))],
    ['a toolchain that nobody can read', elf(rawRecord(Buffer.from([1, 2, 3]), Buffer.alloc(0)))],
    ['a name of its own and nothing else', elf(rawRecord(Buffer.from('x'), Buffer.alloc(0)))],
    ['packed', elf(Buffer.from('UPX!'), Buffer.alloc(500, 0xa7))],
    ['nothing', Buffer.alloc(0)],
    ['frames around nothing', elf(frameStart, frameEnd)],
    ["a toolchain's name without a list", elf(Buffer.from('\0go1.26.5\0'))],
    ['a note of somebody else', Buffer.concat([heads.elf, note('LE', 'GNU')])],
    ['a build ID far behind', Buffer.concat([heads.elf, Buffer.alloc(20_000), note('LE')])],
  ])('not told: %s', (_, bytes) => expect(factsOf(bytes)).toBeNull());

  it.each<readonly [string, Buffer, readonly string[], RegExp]>([
    ['of 64 bits before 1.18', elf(oldRecord(8, false)), [], /tool: it was built by a Go older than 1\.18/],
    ['of 32 bits before 1.18', elf(oldRecord(4, false)), [], /older than 1\.18, whose modules are not read/],
    ['of s390x before 1.18', elf(oldRecord(8, true)), [], /older than 1\.18/],
    [
      'whose linker dropped the record',
      Buffer.concat([heads.elf, note('LE'), Buffer.alloc(20_000)]),
      [],
      /tool: it was built by Go, but does not say by which version/,
    ],
    ['the same, big-endian', Buffer.concat([heads.elf, note('BE')]), [], /built by Go, but does not say/],
    [
      'for Windows, before there were records',
      Buffer.concat([heads.pe, Buffer.alloc(1500), Buffer.from('\xff Go build ID: "abc"', 'latin1')]),
      [],
      /built by Go, but does not say/,
    ],
    ['with one before 1.18 inside', elf(simple, oldRecord(8, false)), simpleNames, /older than 1\.18/],
    [
      'cut within its list',
      elf(simple).subarray(0, 350),
      ['stdlib 1.22.3'],
      /list of modules is cut, or too long/,
    ],
    [
      'with a list and no record, and no name that stands alone',
      elf(Buffer.from('to be built by go1.26.5 or later'), looseList),
      ['example.org/main v1.0.0', 'golang.org/x/net v0.1.0'],
      /tool: it was built by Go, but does not say by which version/,
    ],
    [
      'with a record in the wrong place',
      elf(Buffer.concat([Buffer.alloc(5), simple])),
      ['example.org/main v1.0.0', 'golang.org/x/net v0.1.0'],
      /does not say by which version/,
    ],
    ['with a list and no record, cut', elf(looseList).subarray(0, 260), [], /cut, or too long/],
    [
      'with a list and no record, of megabytes',
      elf(frameStart, Buffer.from('path\tx\n'), Buffer.alloc(5 * 1024 ** 2, 0x41), frameEnd),
      [],
      /cut, or too long/,
    ],
    [
      'with a list of gigabytes',
      elf(rawRecord(Buffer.from('go1.22.3'), Buffer.alloc(9), 2 ** 33)),
      ['stdlib 1.22.3'],
      /cut, or too long/,
    ],
    [
      'with a list without a frame',
      elf(rawRecord(Buffer.from('go1.22.3'), Buffer.alloc(90, 0x41))),
      ['stdlib 1.22.3'],
      /no frame/,
    ],
    [
      'with a list that is no UTF-8',
      elf(rawRecord(Buffer.from('go1.22.3'), brokenText)),
      ['stdlib 1.22.3'],
      /no UTF-8/,
    ],
    [
      'with a path that Go would not write',
      goProgram('go1.22.3', main, 'a b@v1.0.0'),
      ['stdlib 1.22.3', 'example.org/main v1.0.0'],
      /a line that Go would not write/,
    ],
    [
      'with a replacement of nothing',
      elf(record('go1.22.3', `=>\ta.org/a\tv1.0.0\n`)),
      ['stdlib 1.22.3'],
      /replaces a module that it does not name/,
    ],
  ])('what cannot be read is told: %s', (_, bytes, expected, why) => {
    const facts = factsOf(bytes);
    expect(names(facts) ?? []).toEqual(expected);
    expect(whys(facts)).toMatch(why);
  });

  it('has bounds: marks, records, bytes of lists', () => {
    const many = (count: number, part: (index: number) => Buffer): Buffer =>
      elf(...Array.from({ length: count }, (_, index) => part(index)));
    const marks = many(10_001, () => mark);
    const records = many(65, (index) => record(`go1.1.${index}`, null));
    const lists = many(6, (index) => record(`go1.1.${index}`, `dep\ta\tv1\n${'x'.repeat(3 * 1024 ** 2)}`));
    for (const bytes of [marks, records, lists]) {
      expect(whys(factsOf(bytes))).toMatch(/more records of builds by Go than are read/);
    }
  });
});

describe('the purl of a module', () => {
  it.each([
    ['github.com/BurntSushi/toml', 'v1.2.3', 'pkg:golang/github.com/BurntSushi/toml@v1.2.3'],
    ['gopkg.in/yaml.v3', 'v3.0.1', 'pkg:golang/gopkg.in/yaml.v3@v3.0.1'],
    ['docker', 'v20.10.9+incompatible', 'pkg:golang/docker@v20.10.9%2Bincompatible'],
    ['stdlib', '1.22.3', 'pkg:golang/stdlib@1.22.3'],
    ['example.org/main', '(devel)', 'pkg:golang/example.org/main@(devel)'],
    ['example.org/main', 'v1', 'pkg:golang/example.org/main@v1'],
  ])('%s %s', (name, version, purl) => {
    const source = { name, version };
    expect(golangPurl({ type: 'golang', name, version, arch: null, source, licenses: [] })).toBe(purl);
  });
});

describe('Go programs, however they are cut', () => {
  const bytes = elf(
    mark,
    simple,
    Buffer.from('between'),
    record('go1.20', list('example.org/b@v1.0.0')),
    framed(list('example.org/c@v1.0.0')),
    Buffer.from('\0go1.19\0'),
  );
  const expected = factsOf(bytes);

  it('in two, at every byte', () => {
    expect(names(expected)).toHaveLength(7);
    for (let at = 0; at <= bytes.length; at += 1) expect(factsOf(bytes, [at])).toEqual(expected);
  });

  it('into pieces of every size', () => {
    for (let size = 1; size < 80; size += 1) {
      const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => index * size);
      expect(factsOf(bytes, cuts)).toEqual(expected);
    }
  });
});

describe('Go programs that are none', () => {
  const sample = elf(
    oldRecord(8, false),
    simple,
    record('go1.20', list('example.org/b@v1.0.0', 'a@v1 => ./x')),
  );

  it('never throw, tell the same however they are cut, and name packages that a purl can hold', () => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.nat(sample.length), (changes, cut) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        const facts = factsOf(bytes);
        expect(factsOf(bytes, [cut])).toEqual(facts);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        for (const one of facts?.packages ?? []) expect(golangPurl(one)).toMatch(/^pkg:golang\/.+@./);
        for (const { what, why } of facts?.incomplete ?? []) expect([what, why]).not.toContain('');
      }),
      { numRuns: 2000 },
    );
  });

  it('never throw, made of right pieces in wrong places', () => {
    const pieces = [mark, simple.subarray(0, 40), simple.subarray(30), oldRecord(4, true), Buffer.alloc(16)];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 20 })), { maxLength: 30 }),
        fc.array(fc.nat(2000), { maxLength: 10 }),
        (parts, cuts) => {
          const bytes = Buffer.concat(parts);
          const sorted = cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
          expect(factsOf(bytes, sorted)).toEqual(factsOf(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are looked through quickly', () => {
    const begin = performance.now();
    factsOf(
      elf(Buffer.concat(Array.from({ length: 500_000 }, () => Buffer.concat([mark, Buffer.from([8, 2])])))),
    );
    factsOf(elf(record('go1.1', `dep\t${'a./'.repeat(1_000_000)}\tv1\n`)));
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
