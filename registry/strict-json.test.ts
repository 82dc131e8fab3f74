import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPratiqueError } from '../core/errors.ts';
import { buildImage } from '../test/support/images.ts';
import { parseManifest } from './manifest.ts';
import { parseStrictJson } from './strict-json.ts';

const rules = { names: ['layers', 'urls'], maps: ['annotations'] };
const read = (text: string): unknown => parseStrictJson(Buffer.from(text), rules);

describe('parseStrictJson', () => {
  it.each([
    ['{}', {}],
    [' [1, -2.5e3, true, null, "a\\"{[,:"] ', [1, -2500, true, null, 'a"{[,:']],
    ['{"a":{"x":1},"b":{"x":2}}', { a: { x: 1 }, b: { x: 2 } }],
    ['{"a":["a","a",{"a":"a"}]}', { a: ['a', 'a', { a: 'a' }] }],
    ['{"annotations":{"k":"1","K":"2","Layers":"3"}}', { annotations: { k: '1', K: '2', Layers: '3' } }],
    ['{"a\\\\":1,"b":"\\\\"}', { 'a\\': 1, b: '\\' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['{"a":1,"a":2}', 'twice'],
    ['{"a":1,"A":2}', 'twice'],
    ['{"a":1,"\\u0061":2}', 'twice'],
    ['{"x":[{"a":1,\n"b":{},"a" : 2}]}', 'twice'],
    ['{"k":1,"\u212A":2}', 'twice'],
    ['{"annotations":{"k":1,"k":2}}', 'twice'],
    ['{"Layers":[]}', 'spells'],
    ['{"a":[[{"URLS":[]}]]}', 'spells'],
    ['{"annotations":[],"b":{"Layers":1}}', 'spells'],
    ['{"a":1', 'not JSON'],
    ['', 'not JSON'],
    ['"\\', 'not JSON'],
  ])('%s is refused', (text, words) => {
    expect(() => read(text)).toThrow(words);
  });
});

/** What a reader sees that, like Go's, takes keys in any case and the last of several. */
function asGoSees(pairs: readonly (readonly [string, number])[], name: string): number | undefined {
  return pairs.filter(([key]) => key.toUpperCase().toLowerCase() === name).at(-1)?.[1];
}

it('what is taken, both kinds of readers see alike', () => {
  const key = fc.constantFrom(
    'layers',
    'Layers',
    'LAYERS',
    'layerſ',
    'urls',
    'URLs',
    'other',
    '\\u006cayers',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.integer()), { maxLength: 4 }), (pairs) => {
      const text = `{${pairs.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
      let value: Record<string, unknown>;
      try {
        value = read(text) as Record<string, unknown>;
      } catch {
        return;
      }
      const plain = pairs.map(([name, number]) => [String(JSON.parse(`"${name}"`)), number] as const);
      for (const name of rules.names) expect(value[name]).toBe(asGoSees(plain, name));
    }),
    { numRuns: 2000 },
  );
});

it('a manifest with any bytes changed is read or refused by name', () => {
  const { bytes } = buildImage({ layers: [{ files: [] }] }).manifest;
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(...'{}[]",:\\0-ſ'.split('')));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const changed = Buffer.from(bytes);
      for (const [at, text] of changes) changed.write(text, at);
      try {
        parseManifest(changed, null);
      } catch (error) {
        expect(isPratiqueError(error)).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});
