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

describe('formatTable with cells that an image chose', () => {
  it('writes nothing to the terminal but text', () => {
    const table = formatTable(['PACKAGE', 'ID'], [['evil\u001b[2J\u0007', 'line\nbreak']]);
    expect(table).toBe('PACKAGE    ID\nevil?[2J?  line?break');
  });
  it('takes any number of rows', () => {
    expect(formatTable(['A', 'B'], Array(200_000).fill(['a', 'b'])).length).toBeGreaterThan(1_000_000);
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
