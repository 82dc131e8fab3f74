import { describe, expect, it } from '@jest/globals';
import { jsonOf } from './json.ts';

const large = ' '.repeat(70_000);

describe('JSON of a file', () => {
  it.each<readonly [string, string, unknown]>([
    ['a value', '{"a":[1]}', { a: [1] }],
    ['a value behind a byte order mark', '\ufeff{}', {}],
    [
      'brackets in texts',
      `${large}["${'['.repeat(500)}\\"${'{'.repeat(500)}"]`,
      [`${'['.repeat(500)}"${'{'.repeat(500)}`],
    ],
    ['as many values as real files have', `${large}[${'0,'.repeat(999_999)}0]`, new Array(1_000_000).fill(0)],
  ])('%s', (_, text, value) => expect(jsonOf(Buffer.from(text))).toEqual({ value }));

  it.each([
    ['nothing', '', 'it is not JSON'],
    ['half a text', `${large}["a`, 'it is not JSON'],
    ['ten million lists in each other', '['.repeat(10_000_000), 'more than 200 deep'],
    ['objects in each other', '{"a":'.repeat(100_000), 'more than 200 deep'],
    ['an object of a million members', `{${'"a":1,'.repeat(1_000_000)}"b":2}`, 'more than 500000 members'],
    ['millions of lists', `[${'[],'.repeat(2_000_001)}0]`, 'more than 2000000 values'],
  ])('%s: says why', (_, text, fault) => {
    expect(jsonOf(Buffer.from(text))).toEqual({ fault: expect.stringContaining(fault) });
  });
});
