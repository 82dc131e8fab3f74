import { describe, expect, it } from '@jest/globals';
import { readPax } from './pax.ts';

describe('readPax', () => {
  it.each<readonly [string, string, object]>([
    ['nothing', '', { path: null, linkPath: null, size: null, sparse: false, sparseName: null }],
    ['a path', '9 path=a\n', { path: 'a' }],
    ['a path with = and newline', '13 path=a=b\n\n', { path: 'a=b\n' }],
    ['a value that looks like a record', '20 path=9 path=evil\n', { path: '9 path=evil' }],
    ['a link path', '14 linkpath=b\n', { linkPath: 'b' }],
    ['a size', '11 size=42\n', { size: 42 }],
    ['an empty size', '8 size=\n', { size: null }],
    ['a length with zeros before it', '013 path=abc\n', { path: 'abc' }],
    ['an unknown key', '9 uid=12\n', { path: null, sparse: false }],
    ['__proto__ as a key', '15 __proto__=x\n', { path: null, size: null }],
  ])('reads %s', (_, text, expected) => {
    expect(readPax(Buffer.from(text))).toMatchObject(expected);
  });

  it.each([
    ['no length', ' path=a\n'],
    ['no space', '9'],
    ['a length that is too long', '11 path=a\n'],
    ['a length that is too short', '8 path=a\n'],
    ['a length of zero', '0 path=a\n'],
    ['a negative length', '-9 path=a\n'],
    ['a length of ten digits', '0000000009 path=a\n'],
    ['no equals sign', '8 patha\n'],
    ['a size that is no number', '11 size=4x\n'],
    ['a negative size', '11 size=-4\n'],
    ['a size beyond counting', '25 size=9999999999999999\n'],
    ['a path with a zero byte', '11 path=a\0b\n'],
    ['a key with a zero byte', '10 pa\0th=a\n'],
    ['a second record that is broken', '9 path=a\n9 path'],
  ])('refuses %s', (_, text) => {
    expect(() => readPax(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'layer-unreadable', message: expect.stringContaining('PAX header') }),
    );
  });
});
