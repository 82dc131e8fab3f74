import { describe, expect, it } from '@jest/globals';
import { compareLists, type Explanation } from './compare.ts';
import type { Listed } from './listed.ts';
import { countsTable, explanationsTable, unexplainedText } from './report.ts';

function npm(name: string, version = '1.0.0', place = `app/node_modules/${name}`): Listed {
  return { type: 'npm', name, version, detail: '', place };
}

const vendored: Explanation = {
  id: 'vendored',
  text: 'npm does not look there',
  lists: ['npm'],
  explains: ({ kind, listed }) => kind === 'extra' && listed.place.includes('/vendor/'),
};

describe('an inventory beside a list', () => {
  const compare = (listed: readonly Listed[], found: readonly Listed[], list = 'npm') =>
    compareLists(list, listed, found, [vendored]).differences.map(({ kind, listed: one, explanation }) => [
      kind,
      one.name,
      one.version,
      explanation?.id ?? null,
    ]);

  it.each<[string, readonly Listed[], readonly Listed[], unknown[]]>([
    ['the same in another order', [npm('a'), npm('b')], [npm('b'), npm('a')], []],
    ['nothing on either side', [], [], []],
    ['one is not found', [npm('a'), npm('b')], [npm('a')], [['missing', 'b', '1.0.0', null]]],
    ['one is not listed', [npm('a')], [npm('a'), npm('b')], [['extra', 'b', '1.0.0', null]]],
    ['listed twice, found once', [npm('a'), npm('a')], [npm('a')], [['missing', 'a', '1.0.0', null]]],
    ['listed once, found twice', [npm('a')], [npm('a'), npm('a')], [['extra', 'a', '1.0.0', null]]],
    [
      'another version is one missing and one extra',
      [npm('a', '1.0.0')],
      [npm('a', '2.0.0')],
      [
        ['missing', 'a', '1.0.0', null],
        ['extra', 'a', '2.0.0', null],
      ],
    ],
    [
      'so is another place',
      [npm('a', '1.0.0', 'x')],
      [npm('a', '1.0.0', 'y')],
      [
        ['missing', 'a', '1.0.0', null],
        ['extra', 'a', '1.0.0', null],
      ],
    ],
    [
      'an explanation holds for its kind of difference alone',
      [npm('a', '1.0.0', 'app/vendor/a')],
      [npm('b', '1.0.0', 'app/vendor/b')],
      [
        ['missing', 'a', '1.0.0', null],
        ['extra', 'b', '1.0.0', 'vendored'],
      ],
    ],
  ])('%s', (_, listed, found, differences) => {
    expect(compare(listed, found)).toEqual(differences);
  });

  it('an explanation holds for its lists alone', () => {
    expect(compare([], [npm('b', '1.0.0', 'app/vendor/b')], 'generator')).toEqual([
      ['extra', 'b', '1.0.0', null],
    ]);
  });

  it('is told in numbers, reasons, and what nobody has explained', () => {
    const compared = compareLists(
      'npm',
      [npm('a'), npm('c', '1.0.0')],
      [npm('a'), npm('c', '2.0.0'), npm('b', '1.0.0', 'app/vendor/b')],
      [vendored],
    );
    const rows = [{ case: 'an application', list: 'npm', compared }];
    expect(countsTable(rows)).toContain('| an application | npm  | 2      | 3     | 1       | 2     | 2 ');
    expect(explanationsTable(rows)).toMatch(
      /extra .*an application, npm: 1 .*npm does not look there.*npm b 1\.0\.0 app\/vendor\/b/,
    );
    expect(unexplainedText(rows)).toBe(
      [
        'an application, npm: missing npm c 1.0.0 app/node_modules/c (the other side: c 2.0.0  app/node_modules/c)',
        'an application, npm: extra npm c 2.0.0 app/node_modules/c (the other side: c 1.0.0  app/node_modules/c)',
      ].join('\n'),
    );
  });
});
