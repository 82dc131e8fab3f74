import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FileFacts } from '../cataloger.ts';
import { heads } from '../golang/samples.ts';
import { rust } from './index.ts';
import { crateList, packed } from './samples.ts';

const path = 'usr/local/bin/tool';

function factsOf(bytes: Buffer, cuts: readonly number[] = []): FileFacts | null {
  const probe = rust.probe(path);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const part = Buffer.from(bytes.subarray(from, to));
    probe.take(part);
    part.fill(0xee);
    from = to;
  }
  return probe.facts();
}
const rows = (facts: FileFacts | null): readonly string[] | null =>
  facts === null
    ? null
    : [
        ...facts.packages.map(({ name, version }) => `${name} ${version}`),
        ...facts.incomplete.map(({ what, why }) => `${what}: ${why}`),
      ];
/** A list where the linker puts it: anywhere, and what follows it in the program. */
const program = (...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([heads.elf, Buffer.alloc(301, 0x78), ...parts, Buffer.alloc(77, 0x41)]);

const list = crateList('ripgrep 13.0.0', 'memchr 2.4.1', 'cc 1.0.70 build', 'regex-syntax 0.6.25+a.b');
const names = ['ripgrep 13.0.0', 'memchr 2.4.1', 'regex-syntax 0.6.25+a.b'];
/** Many crates, so that the list is longer than what is tried first. */
const many = Array.from({ length: 9000 }, (_, n) => `crate-${(n * 7919) % 99_991}-${n ** 3} ${n}.${n % 7}.1`);

describe('programs of Rust', () => {
  it.each<readonly [string, Buffer, readonly string[] | null]>([
    ['with a list', program(list), names],
    ['for Windows', Buffer.concat([heads.pe, list]), names],
    ['for macOS', Buffer.concat([heads['mach-o'], list]), names],
    ['with a list at the very end', Buffer.concat([heads.elf, list]), names],
    [
      'with two, as programs within programs',
      program(list, crateList('inner 1.0.0')),
      [...names, 'inner 1.0.0'],
    ],
    ['with the same twice', program(list, Buffer.alloc(1000), list), names],
    ['with a long list', program(crateList(...many)), many],
    ['without crates', program(crateList()), []],
    ...[0, 1, 4, 6, 9].map((level): readonly [string, Buffer, readonly string[]] => [
      `packed at level ${level}`,
      program(packed('{"packages":[{"name":"a","version":"1.0.0"}]}', level)),
      ['a 1.0.0'],
    ]),
    ['without a list', program(Buffer.from('rustc 1.80.0')), null],
    ['with other streams', program(packed('{"name":"a"}'), packed('x'.repeat(9000)), packed('', 0)), null],
    ['that end in the head of a stream', Buffer.concat([heads.elf, Buffer.from([0x78, 0xda])]), null],
    ['that are empty', Buffer.alloc(0), null],
  ])('%s', (_, bytes, expected) => expect(rows(factsOf(bytes))).toEqual(expected));

  it.each<readonly [string, Buffer, readonly string[], RegExp]>([
    ['a list that is cut', program().subarray(0, 200), [], /cut/],
    ['a list with a damaged end', program(list.subarray(0, -5)), [], /cut, damaged/],
    ['a list that is no JSON', program(packed('{"packages":[')), [], /no JSON object/],
    ['a list of texts', program(packed('{"packages":["a"]}')), [], /holds what is none/],
    ['no list', program(packed('{"packages":7}')), [], /no JSON object/],
    [
      'a name that cargo does not know',
      program(packed('{"packages":[{"name":"a b","version":"1"},{"name":"a","version":"1.0.0"}]}')),
      ['a 1.0.0'],
      /name or version that cargo does not know/,
    ],
    [
      'a list that goes on and on',
      program(packed(`{"packages":["${'a'.repeat(9 * 1024 ** 2)}"]}`)),
      [],
      /cut/,
    ],
    [
      'too many of them',
      program(...Array.from({ length: 17 }, (_, n) => crateList(`a ${n}.0.0`))),
      [],
      /more that/,
    ],
  ])('say so where there is %s', (_, whole, expected, why) => {
    const bytes = whole.length === 200 ? Buffer.concat([heads.elf, list.subarray(0, -20)]) : whole;
    const facts = factsOf(bytes);
    expect(facts?.incomplete.map((one) => `${one.what}: ${one.why}`).join()).toMatch(why);
    for (const row of expected) expect(rows(facts)).toContain(row);
  });

  it('tell the same however they are cut', () => {
    const bytes = program(list, Buffer.alloc(40), crateList('inner 1.0.0'));
    const expected = factsOf(bytes);
    expect(expected?.packages).toHaveLength(4);
    for (let at = 0; at <= bytes.length; at += 1) expect(factsOf(bytes, [at])).toEqual(expected);
    for (let size = 1; size < 40; size += 1) {
      const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => index * size);
      expect(factsOf(bytes, cuts)).toEqual(expected);
    }
  });

  it('never throw, whatever was changed in them', () => {
    const sample = program(list);
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(sample.length), (changes, cut) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        const facts = factsOf(bytes);
        expect(factsOf(bytes, [cut])).toEqual(facts);
      }),
      { numRuns: 500 },
    );
  });

  it('are given up where they consist of beginnings of streams', () => {
    const begin = list.subarray(0, 40);
    const facts = factsOf(program(...Array.from({ length: 5000 }, () => begin)));
    expect(facts?.incomplete[0]?.why).toMatch(/more that may be lists of crates/);
  });
});
