import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Windows } from './windows.ts';

const content = Buffer.from(Array.from({ length: 60 }, (_, index) => index));

/** What was looked at, place by place: the offset, how much is before it and what comes with it. */
function lookedAt(
  back: number,
  reach: number,
  cuts: readonly number[],
): Map<number, readonly [number, number]> {
  const seen = new Map<number, readonly [number, number]>();
  const windows = new Windows(back, reach, (bytes, from, to, offset) => {
    for (let at = from; at < to; at += 1) {
      const place = offset + at;
      if (seen.has(place)) throw new Error(`${place} is looked at twice`);
      if (!content.subarray(offset, offset + bytes.length).equals(bytes)) throw new Error('other bytes');
      seen.set(place, [Math.min(back, at), Math.min(reach, bytes.length - at)]);
    }
  });
  let from = 0;
  for (const to of [...cuts, content.length]) {
    const part = Buffer.from(content.subarray(from, to));
    windows.take(part);
    part.fill(0xee);
    from = to;
  }
  windows.end();
  return seen;
}

describe('windows over a stream', () => {
  it('show every place once, with all that is asked for around it, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat(content.length), { maxLength: 20 }),
        (back, reach, cuts) => {
          const seen = lookedAt(
            back,
            reach,
            cuts.toSorted((a, b) => a - b),
          );
          const expected = Array.from(content, (_, place) => [
            place,
            [Math.min(back, place), Math.min(reach, content.length - place)],
          ]);
          expect([...seen]).toEqual(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
