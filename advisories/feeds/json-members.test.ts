import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPratiqueError } from '../../core/errors.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { type JsonPart, jsonLimits, jsonMembers } from './json-members.ts';
import { closeFile, openFile } from './unreadable.ts';

const path = join(temporaryDirectory(), 'x.json');

function read(
  content: string | Uint8Array,
  enter: string | null = null,
  limits: Partial<typeof jsonLimits> = {},
): readonly JsonPart[] {
  writeFileSync(path, content);
  const file = openFile(path, 'feed/x.json');
  try {
    return [...jsonMembers(file, enter, { ...jsonLimits, ...limits })];
  } finally {
    closeFile(file);
  }
}

/** So that every byte is the last of a piece once. */
const pieces = [1, 2, 3, 5, 7, 64, jsonLimits.piece];

describe('the members of an object in a file', () => {
  it.each<[string, string, readonly [string, unknown][]]>([
    ['none', '{}', []],
    ['none, and space', ' \r\n\t{ \n} \n', []],
    [
      'of every kind',
      '{"a":1,"b":"x","c":[1,{}],"d":{"e":null},"f":true,"g":null,"h":-1.5e3}',
      [
        ['a', 1],
        ['b', 'x'],
        ['c', [1, {}]],
        ['d', { e: null }],
        ['f', true],
        ['g', null],
        ['h', -1500],
      ],
    ],
    [
      'with space about everything',
      ' { "a" : { "b" : [ 1 , 2 ] } , "c" : 3 } ',
      [
        ['a', { b: [1, 2] }],
        ['c', 3],
      ],
    ],
    [
      'with brackets in texts',
      '{"a}":{"b":"}{][,:"},"]":"{"}',
      [
        ['a}', { b: '}{][,:' }],
        [']', '{'],
      ],
    ],
    [
      'with quotes and backslashes in texts',
      String.raw`{"a\"b":{"c\\":"\\\"}","d":"\\"},"e":"\\\\"}`,
      [
        ['a"b', { 'c\\': '\\"}', d: '\\' }],
        ['e', '\\\\'],
      ],
    ],
    [
      'with long characters',
      '{"ä€😀":{"x":"😀€ä\\ud83d\\ude00"},"\\u00e4":"ä"}',
      [
        ['ä€😀', { x: '😀€ä😀' }],
        ['ä', 'ä'],
      ],
    ],
    [
      'of one name twice',
      '{"a":1,"a":2}',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    [
      'of names that objects have',
      '{"__proto__":{"x":1},"constructor":2,"":3}',
      [
        ['__proto__', { x: 1 }],
        ['constructor', 2],
        ['', 3],
      ],
    ],
  ])('%s', (_name, text, members) => {
    for (const piece of pieces) {
      expect(read(text, null, { piece })).toEqual(
        members.map(([key, value]) => ({ key, index: null, value })),
      );
    }
  });

  it.each<[string, string, readonly [string, number | null, unknown][]]>([
    [
      'its elements',
      '{"a":1,"list":[{"x":"]"},[2],"y",3],"b":[4]}',
      [
        ['a', null, 1],
        ['list', 0, { x: ']' }],
        ['list', 1, [2]],
        ['list', 2, 'y'],
        ['list', 3, 3],
        ['b', null, [4]],
      ],
    ],
    ['itself when it is empty', '{"list":[ ]}', [['list', null, []]]],
    ['itself when it is no list', '{"list":{"a":1}}', [['list', null, { a: 1 }]]],
    [
      'those of both when it is there twice',
      '{"list":[1],"list":[2]}',
      [
        ['list', 0, 1],
        ['list', 0, 2],
      ],
    ],
  ])('a list that is entered gives %s', (_name, text, parts) => {
    for (const piece of pieces) {
      expect(read(text, 'list', { piece })).toEqual(
        parts.map(([key, index, value]) => ({ key, index, value })),
      );
    }
  });

  it('rejects a member that is no JSON within its brackets, and gives the others', () => {
    const text = '{"a":[}, "b":1, "c":{"x" 1}, "d":nul, "e":"\t", "f":2}';
    const got = read(text, null, { piece: 3 });
    expect(got.map((part) => [part.key, 'value' in part ? part.value : 'rejected'])).toEqual([
      ['a', 'rejected'],
      ['b', 1],
      ['c', 'rejected'],
      ['d', 'rejected'],
      ['e', 'rejected'],
      ['f', 2],
    ]);
    const broken = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3]), Buffer.from('","b":1}')]);
    expect(read(broken)).toEqual([
      { key: 'a', index: null, rejected: 'it is no UTF-8' },
      { key: 'b', index: null, value: 1 },
    ]);
  });

  it('breaks off wherever the file does', () => {
    const text = '{"a":{"b":[1,"x\\"y"]},"list":[{"c":1},2],"d":true}';
    for (let length = 1; length < text.length; length++) {
      for (const piece of [1, 4, jsonLimits.piece]) {
        expect(() => read(text.slice(0, length), 'list', { piece })).toThrow(/feed\/x\.json .*breaks off/);
      }
    }
  });

  it.each([
    ['', 'it is empty; it begins like an empty file'],
    [' \n ', 'it is empty'],
    ['<!DOCTYPE html><p>Please log in', 'it is no JSON object; it begins like a web page'],
    ['[1]', 'it is no JSON object; it begins like JSON'],
    ['"x"', 'it is no JSON object'],
    ['\x1f\x8bxx', 'it is no JSON object'],
    ['{"a":1}{"b":2}', 'the end of the file is missing at byte 7'],
    ['{"a":1} x', 'the end of the file is missing at byte 8'],
    ['{"a":1]', 'a comma or a closing bracket is missing at byte 6'],
    ['{"a":1,}', 'a name is missing at byte 7'],
    ['{"a":1 "b":2}', 'a comma or a closing bracket is missing'],
    ['{"a" 1}', 'a colon is missing at byte 5'],
    ['{"a":}', 'a value is missing at byte 5'],
    ['{"a":,"b":1}', 'a value is missing at byte 5'],
    ['{a:1}', 'a name is missing at byte 1'],
    ['{"\\x":1}', 'a name in it is no JSON text'],
    ['{"list":[1,]}', 'a value is missing at byte 11'],
    ['{"list":[1}', 'a comma or a closing bracket is missing at byte 10'],
  ])('refuses %j', (text, why) => {
    for (const piece of [1, jsonLimits.piece]) {
      const failure = () => read(text, 'list', { piece });
      expect(failure).toThrow(expect.objectContaining({ code: 'advisories-unreadable' }));
      expect(failure).toThrow(why);
    }
  });

  it.each<[string, string, Partial<typeof jsonLimits>, string]>([
    ['a file', '{"a":1}', { totalBytes: 6 }, '7 bytes where 6 are allowed'],
    ['a part', `{"a":"${'x'.repeat(300)}"}`, { piece: 16, partBytes: 100 }, 'a part of more than 100 bytes'],
    ['a number', `{"a":${'1'.repeat(300)}}`, { piece: 16, partBytes: 100 }, 'a part of more than 100 bytes'],
    ['a name', `{"${'x'.repeat(20)}":1}`, { nameBytes: 10 }, 'a name of more than 10 bytes'],
    ['parts', '{"a":1,"list":[1,2]}', { parts: 2 }, 'more than 2 parts'],
    ['depth', `{"a":${'['.repeat(100_000)}`, {}, 'values nested more than 64 deep'],
  ])('bounds %s', (_name, text, limits, what) => {
    const failure = () => read(text, 'list', limits);
    expect(failure).toThrow(expect.objectContaining({ code: 'limit-exceeded' }));
    expect(failure).toThrow(`feed/x.json has ${what}`);
  });

  it('holds one part at a time', () => {
    const many = `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":"${'x'.repeat(90)}"`).join(',')}}`;
    expect(read(many, null, { piece: 128, partBytes: 256 })).toHaveLength(5000);
  });

  it('gives what JSON.parse gives, cut anywhere', () => {
    const property = fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, 1),
      (object, piece, indent) => {
        const text = Buffer.from(JSON.stringify(object, null, indent));
        const parsed = JSON.parse(text.toString()) as Readonly<Record<string, unknown>>;
        expect(read(text, null, { piece })).toEqual(
          Object.entries(parsed).map(([key, value]) => ({ key, index: null, value })),
        );
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('throws nothing but what it names, whatever it reads', () => {
    const signs = fc.array(fc.constantFrom(...'{}[]",:\\ 1ax\n', 'é', '"a":', '[{', 'null'), {
      maxLength: 40,
    });
    const property = fc.property(signs, fc.integer({ min: 1, max: 9 }), (words, piece) => {
      try {
        read(`{${words.join('')}`, 'a', { piece });
      } catch (error) {
        expect(isPratiqueError(error)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
