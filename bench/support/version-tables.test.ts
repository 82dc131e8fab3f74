import { describe, expect, it } from '@jest/globals';
import { versionSchemes } from '../../advisories/versions/index.ts';
import type { VersionScheme } from '../../advisories/versions/scheme.ts';
import { knownExceptions } from './known-versions.ts';
import { checkTable, countsOf, exceptionText, isRight, type KnownException } from './version-tables.ts';

/** Whole numbers; 7 is believed to be no number, and 13 to be less than anything. */
const numbers: VersionScheme = {
  name: 'numbers',
  compare: (a, b) => {
    if (a === '7' || b === '7' || !/^[0-9]+$/.test(a) || !/^[0-9]+$/.test(b)) return null;
    return a === '13' ? -1 : Number(a) - Number(b);
  },
};
const known: readonly KnownException[] = [
  { scheme: 'numbers', a: '7', b: '8', ours: 'undetermined', word: 'seven is unlucky' },
  { scheme: 'numbers', a: '13', b: '1', ours: '=', word: 'not what it says' },
  { scheme: 'letters', a: '6', b: '7', ours: 'undetermined', word: 'of another scheme' },
];
const tableOf = (...rows: readonly string[]): string =>
  `a\top\tb\tsource\n${rows.map((row) => `${row.replaceAll(' ', '\t')}\tx:y#1\n`).join('')}`;

describe('a table of versions', () => {
  it.each([
    ['is right', ['1 < 2', '2 > 1', '02 = 2'], ['3', '3', '0', '0', '0'], true],
    ['has a known exception', ['7 < 8', '1 < 2'], ['2', '1', '1', '0', '0'], true],
    ['has what is not read, and nobody knows why', ['6 < 7'], ['1', '0', '0', '1', '0'], false],
    ['has a wrong row', ['3 < 2', '1 < 2'], ['2', '1', '0', '0', '1'], false],
    ['is known to be wrong in another way', ['13 > 1'], ['1', '0', '0', '0', '1'], false],
    ['is right both ways round', ['13 < 14'], ['1', '1', '0', '0', '0'], true],
    ['is right only one way round', ['1 < 13'], ['1', '0', '0', '0', '1'], false],
  ])('that %s', (_, rows, counts, right) => {
    const checked = checkTable(tableOf(...rows), numbers, known);
    expect(countsOf(checked)).toEqual(['numbers', ...counts]);
    expect(isRight(checked)).toBe(right);
  });

  it('names each exception with its line and the word on it', () => {
    const { exceptions } = checkTable(tableOf('1 < 2', '7 < 8', '6 < 7', '3 = 4'), numbers, known);
    expect(exceptions.map((one) => exceptionText('numbers', one))).toEqual([
      'known numbers line 3: 7 < 8, here undetermined (seven is unlucky)',
      'UNDETERMINED numbers line 4: 6 < 7, here undetermined',
      'WRONG numbers line 5: 3 = 4, here <',
    ]);
  });

  it.each(['1 2', '1 ? 2', '1 undetermined 2', 'nonsense'])('is refused where a row is %j', (row) => {
    expect(() => checkTable(tableOf('1 < 2', row), numbers, known)).toThrow(/^line 3 is no row/);
  });
});

describe('the known exceptions', () => {
  it.each(knownExceptions.map((one) => [one.scheme, one.a, one.b, one] as const))(
    '%s %s %s is what it is said to be',
    (name, a, b, { ours, word }) => {
      const scheme = versionSchemes.find((one) => one.name === name);
      const order = scheme?.compare(a, b);
      const told = order === null ? 'undetermined' : Math.sign(order ?? Number.NaN);
      expect(told).toBe({ '<': -1, '=': 0, '>': 1, undetermined: 'undetermined' }[ours]);
      expect(word).not.toBe('');
    },
  );
});
