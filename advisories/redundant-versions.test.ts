import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Advisory, AffectedPackage } from '../core/ports/advisories.ts';
import { evaluate } from './match/evaluate.ts';
import { withoutRedundantVersions } from './redundant-versions.ts';
import { schemeOfEcosystem } from './versions/index.ts';

const advisory = (affected: Partial<AffectedPackage>): Advisory => ({
  id: 'A',
  kind: 'vulnerability',
  aliases: [],
  upstream: [],
  summary: '',
  url: '',
  severity: null,
  cvss: null,
  published: null,
  modified: null,
  affected: [{ ecosystem: 'PyPI', name: 'x', ranges: [], versions: [], severity: null, ...affected }],
});
const left = (affected: Partial<AffectedPackage>): readonly string[] | undefined =>
  withoutRedundantVersions(advisory(affected)).affected[0]?.versions;

describe('listed versions', () => {
  it.each<[string, Partial<AffectedPackage>, readonly string[]]>([
    [
      'that a range holds are left out',
      { ranges: [[{ introduced: '0' }, { fixed: '2' }]], versions: ['1.0', '1.9'] },
      [],
    ],
    [
      'that no range holds stay',
      { ranges: [[{ introduced: '0' }, { fixed: '2' }]], versions: ['1.0', '2.5'] },
      ['2.5'],
    ],
    [
      'that are no versions stay',
      { ranges: [[{ introduced: '0' }, { fixed: '2' }]], versions: ['old one'] },
      ['old one'],
    ],
    ['stay where there is no range', { versions: ['1.0'] }, ['1.0']],
    [
      'stay where nobody knows their order',
      { ecosystem: 'Debian:12', ranges: [[{ introduced: '0' }]], versions: ['1'] },
      ['1'],
    ],
  ])('%s', (_name, affected, versions) => {
    expect(left(affected)).toEqual(versions);
  });

  it('change nothing of what is affected', () => {
    const version = fc.constantFrom(
      '0',
      '1',
      '1.0',
      '1.0.0',
      '1.5',
      '1.5rc1',
      '2',
      '2.0.0',
      '3',
      'v2',
      'no version',
    );
    const event = fc.oneof(
      version.map((introduced) => ({ introduced })),
      version.map((fixed) => ({ fixed })),
      version.map((lastAffected) => ({ lastAffected })),
    );
    const one = fc.record({
      ecosystem: fc.constantFrom('PyPI', 'npm', 'Maven', 'RubyGems', 'Packagist', 'NuGet', 'Go'),
      ranges: fc.array(fc.array(event, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
      versions: fc.array(version, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(one, version, (affected, installed) => {
        const scheme = schemeOfEcosystem(affected.ecosystem);
        if (scheme === null) throw new Error(affected.ecosystem);
        const [whole] = advisory(affected).affected;
        const [reduced] = withoutRedundantVersions(advisory(affected)).affected;
        if (whole === undefined || reduced === undefined) throw new Error('nothing');
        const before = evaluate(whole, installed, scheme).state;
        const after = evaluate(reduced, installed, scheme).state;
        expect(after).toBe(before);
      }),
      { numRuns: 3000 },
    );
  });
});
