import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bunzip2 } from './index.ts';

/** Packed with bzip2 1.0.8. */
const words = 'QlpoOTFBWSZTWXBbGOoAAATeAAAQAAJ0ACIECAAgADEAMCAxGmFIwre8/F3JFOFCQcFsY6g=';
const runs = 'QlpoOTFBWSZTWb6n5aUAAAJRAOAAACA+AAAIIAAxBkxBX6pp6m9Q/tjyHYehjQmVou5IpwoSF9T8tKA=';
const lines =
  'QlpoOTFBWSZTWQT3jJUAAXvZgAAQUAHcVy8nnQAwAPgCjQ0AAABRoaAAAAKVSmTR6m0yh6j0ynqeBNhMRMxPsTYT3EyEzE0EzE6CYCYCaCfgmwmomgn6JqJwJwJyJ2EyE4EwE3E+BMQm4moTcTMTkTcTuJ/CdhOQngToJgJiJ5E6iZCdRPQT/F3JFOFCQBPeMlQ=';
const twoStreams =
  'QlpoOTFBWSZTWc+6oLQAAAGRAEAAAgGgACGaaDNNDLxdyRThQkM+6oLQQlpoOTFBWSZTWc3cjZoAAACBgAAAhIAgACGYGYRhdyRThQkM3cjZoA==';
const nothing = 'QlpoORdyRThQkAAAAAA=';
/** 45,000,000 bytes in a block of 50. */
const bomb = 'QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA=';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');

/** Gives bytes in pieces of so many. */
function pieces(bytes: Uint8Array, most = 64 * 1024): (target: Uint8Array) => number {
  let at = 0;
  return (target) => {
    const part = bytes.subarray(at, at + Math.min(most, target.length));
    target.set(part);
    at += part.length;
    return part.length;
  };
}

const unpack = (bytes: Uint8Array, most?: number): Buffer => Buffer.concat([...bunzip2(pieces(bytes, most))]);

describe('bzip2', () => {
  it.each([
    ['a line', words, 'ELSA-2024-1\n'],
    ['runs of every kind', runs, `aaabbbbccccc${'d'.repeat(300)}eeee`],
    ['many lines', lines, '<definition id="oval:com.oracle.elsa:def:20224803"/>\n'.repeat(40)],
    ['two streams', twoStreams, 'one two'],
    ['nothing', nothing, ''],
  ])('gives back %s, however it comes', (_name, packed, text) => {
    expect(unpack(bytesOf(packed)).toString()).toBe(text);
    expect(unpack(bytesOf(packed), 1).toString()).toBe(text);
  });

  it('gives a bomb in pieces', () => {
    let total = 0;
    let largest = 0;
    for (const piece of bunzip2(pieces(bytesOf(bomb)))) {
      total += piece.length;
      largest = Math.max(largest, piece.length);
    }
    expect([total, largest]).toEqual([45_000_000, 65_536]);
  });

  it.each([
    ['cut', bytesOf(lines).subarray(0, -9), 'it ends too early'],
    ['cut at the start', bytesOf(lines).subarray(0, 3), 'it ends too early'],
    ['something else', Buffer.from('<!DOCTYPE html>'), 'it does not begin as bzip2 does'],
    ['followed by something else', Buffer.concat([bytesOf(words), Buffer.from('<html>')]), 'does not begin'],
    ['of no size', Buffer.from('BZh0'), 'no size'],
  ])('does not take what is %s', (_name, bytes, why) => {
    expect(() => unpack(bytes)).toThrow(why);
  });

  it('notices a changed bit, or gives the same bytes', () => {
    const whole = bytesOf(lines);
    const text = unpack(whole);
    for (let bit = 0; bit < whole.length * 8; bit += 7) {
      const changed = Buffer.from(whole);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let got: Buffer | null = null;
      try {
        got = unpack(changed);
      } catch {
        // Noticed.
      }
      // Bits after the end fill the last byte; the size of blocks only has to be large enough.
      if (got !== null) expect(got.equals(text)).toBe(true);
    }
  });

  it('ends, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const start = Buffer.from('BZh9\x31\x41\x59\x26\x53\x59', 'latin1');
        expect(() => unpack(Buffer.concat([start, noise]))).toThrow();
      }),
    );
  });
});
