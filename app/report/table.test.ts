import { describe, expect, it } from '@jest/globals';
import { formatAge, formatTable } from './table.ts';

describe('formatTable', () => {
  it('aligns columns and leaves no trailing space', () => {
    expect(
      formatTable(
        ['ID', 'PACKAGE'],
        [
          ['CVE-2024-1', 'x'],
          ['C', 'long-name'],
        ],
      ),
    ).toBe('ID          PACKAGE\nCVE-2024-1  x\nC           long-name');
  });
});

describe('formatAge', () => {
  it.each([
    [0, '0 s'],
    [90_000, '90 s'],
    [600_000, '10 min'],
    [86_400_000, '24 h'],
    [864_000_000, '10 days'],
  ])('%d ms is %s', (milliseconds, expected) => {
    expect(formatAge(milliseconds)).toBe(expected);
  });
});
