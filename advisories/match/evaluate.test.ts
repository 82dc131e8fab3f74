import { describe, expect, it } from '@jest/globals';
import type { RangeEvent } from '../../core/ports/advisories.ts';
import { semver } from '../versions/semver/index.ts';
import { evaluate } from './evaluate.ts';

const introduced = (version: string): RangeEvent => ({ introduced: version });
const fixed = (version: string): RangeEvent => ({ fixed: version });
const lastAffected = (version: string): RangeEvent => ({ lastAffected: version });
const limit = (version: string): RangeEvent => ({ limit: version });

type Row = readonly [string, readonly (readonly RangeEvent[])[], readonly string[], string, string];

describe('a version against an OSV record', () => {
  const table: readonly Row[] = [
    ['introduced 0 is before everything', [[introduced('0'), fixed('1.0.0')]], [], '0.0.0-0', 'fixed 1.0.0'],
    ['a fix is exclusive', [[introduced('0'), fixed('1.0.0')]], [], '1.0.0', 'unaffected'],
    ['introduced is inclusive', [[introduced('1.0.0')]], [], '1.0.0', 'affected'],
    ['before introduced', [[introduced('1.0.0')]], [], '0.9.0', 'unaffected'],
    ['a pre-release of the fix', [[introduced('0'), fixed('1.0.0')]], [], '1.0.0-rc.1', 'fixed 1.0.0'],
    ['last affected is inclusive', [[introduced('0'), lastAffected('2.0.0')]], [], '2.0.0', 'affected'],
    ['after last affected', [[introduced('0'), lastAffected('2.0.0')]], [], '2.0.1', 'unaffected'],
    [
      'events out of order',
      [[fixed('2.1.0'), introduced('2.0.0'), fixed('1.5.0'), introduced('0')]],
      [],
      '2.0.5',
      'fixed 2.1.0',
    ],
    [
      'between two intervals',
      [[introduced('0'), fixed('1.5.0'), introduced('2.0.0'), fixed('2.1.0')]],
      [],
      '1.7.0',
      'unaffected',
    ],
    [
      'the smallest fix above',
      [[introduced('0'), fixed('1.5.0'), introduced('2.0.0'), fixed('2.1.0')]],
      [],
      '1.0.0',
      'fixed 1.5.0',
    ],
    [
      'of several ranges the one that matches',
      [
        [introduced('0'), fixed('1.5.0')],
        [introduced('2.0.0'), fixed('2.1.0')],
      ],
      [],
      '2.0.1',
      'fixed 2.1.0',
    ],
    ['within a limit', [[introduced('0'), limit('2.0.0')]], [], '1.0.0', 'affected'],
    ['beyond a limit', [[introduced('0'), limit('2.0.0')]], [], '2.0.0', 'unaffected'],
    ['never introduced before it was fixed', [[introduced('0'), fixed('0')]], [], '1.0.0', 'unaffected'],
    ['listed', [], ['1.0.0', '1.0.1'], '1.0.1', 'affected'],
    ['listed in another spelling', [], ['v1.0.1'], '1.0.1', 'affected'],
    ['not listed', [], ['1.0.0'], '1.0.1', 'unaffected'],
    [
      'listed, and a range names the fix',
      [[introduced('2.0.0'), fixed('2.1.0')]],
      ['1.0.0'],
      '1.0.0',
      'fixed 2.1.0',
    ],
    ['no version at all', [[introduced('0'), fixed('1.0.0')]], [], 'github:a/b', 'undetermined 1.0.0'],
    ['no version, but all are affected', [[introduced('0')]], [], 'github:a/b', 'affected'],
    ['no version, against a list', [], ['1.0.0'], 'github:a/b', 'undetermined'],
    ['no version, but listed as it is', [], ['github:a/b'], 'github:a/b', 'affected'],
    ['a fix that is no version', [[introduced('0'), fixed('soon')]], [], '1.0.0', 'undetermined soon'],
    [
      'one range is broken, another matches',
      [[introduced('0'), fixed('soon')], [introduced('1.0.0')]],
      [],
      '1.0.0',
      'affected',
    ],
    ['says nothing of versions', [], [], '1.0.0', 'undetermined'],
  ];
  it.each(table)('%s', (_name, ranges, versions, version, expected) => {
    const affected = { ecosystem: 'npm', name: 'x', ranges, versions, severity: null };
    const result = evaluate(affected, version, semver);
    const fix = result.state === 'unaffected' || result.fixed === null ? '' : ` ${result.fixed}`;
    expect(result.state === 'affected' && fix !== '' ? `fixed${fix}` : `${result.state}${fix}`).toBe(
      expected,
    );
  });
});
