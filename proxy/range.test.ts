import { describe, expect, it } from '@jest/globals';
import { parseRange } from './range.ts';

const rows: [string | undefined, number, ReturnType<typeof parseRange>][] = [
  [undefined, 10, { kind: 'whole' }],
  ['bytes=0-3', 10, { kind: 'part', start: 0, end: 3 }],
  ['bytes=4-', 10, { kind: 'part', start: 4, end: 9 }],
  ['bytes=4-999', 10, { kind: 'part', start: 4, end: 9 }],
  ['bytes=-3', 10, { kind: 'part', start: 7, end: 9 }],
  ['bytes=-99', 10, { kind: 'part', start: 0, end: 9 }],
  ['bytes=10-', 10, { kind: 'unsatisfiable' }],
  ['bytes=-0', 10, { kind: 'unsatisfiable' }],
  ['bytes=500-0', 1000, { kind: 'unsatisfiable' }],
  ['bytes=0-', 0, { kind: 'unsatisfiable' }],
  ['bytes=5-2', 10, { kind: 'unsatisfiable' }],
  ['bytes=0-1,3-4', 10, { kind: 'whole' }],
  ['lines=0-1', 10, { kind: 'whole' }],
];

describe('parseRange', () => {
  it.each(rows)('%s of %d bytes', (header, size, expected) => {
    expect(parseRange(header, size)).toEqual(expected);
  });
});
