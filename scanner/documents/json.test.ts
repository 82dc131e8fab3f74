import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from './json.ts';

const read = (text: string): ReturnType<typeof readJson> => readJson(Buffer.from(text));

describe('JSON with a bound', () => {
  it('gives what a parser gives', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(read(text)).toEqual({ kind: 'value', value: JSON.parse(text) as unknown });
      }),
    );
  });

  it.each([
    ['brackets in texts', JSON.stringify({ a: '['.repeat(500), b: '\\"[[', c: '\\' })],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['200 levels', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['many small objects', JSON.stringify(Array.from({ length: 5000 }, (_, n) => ({ name: n, v: 'x' })))],
  ])('reads %s', (_, text) => expect(read(text).kind).toBe('value'));

  it.each<readonly [string, string, RegExp]>([
    ['201 levels', `${'['.repeat(201)}${']'.repeat(201)}`, /more than 200 levels/],
    ['ten million levels', '['.repeat(10_000_000), /more than 200 levels/],
    ['ten million objects in one', '{"a":'.repeat(2_000_000), /more than 200 levels/],
    ['little but brackets', `[${'[],'.repeat(100_000)}[]]`, /little but brackets/],
    ['a text that does not end', '{"a":"', /not JSON/],
    ['a text that ends in a backslash', '"\\', /not JSON/],
    ['nothing', '', /not JSON/],
  ])('refuses %s', (_, text, why) => {
    expect(read(text)).toEqual({ kind: 'none', why: expect.stringMatching(why) });
  });
});
