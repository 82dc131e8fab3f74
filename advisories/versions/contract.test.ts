import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { schemeOfPackageType, versionSchemes } from './index.ts';

/** Texts made of what versions are made of, so that many are valid in some scheme and many in none. */
const pieces = fc.constantFrom(
  ...[
    '0',
    '1',
    '2',
    '10',
    '05',
    '.',
    '.',
    '-',
    '-r',
    '~',
    '^',
    '+',
    ':',
    'a',
    'p',
    '_rc',
    '_p',
    'rc',
    'v',
    ' ',
    'beta',
    'RC2',
    'patch',
    'dev',
    '20240131',
  ],
);
const versionish = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => `1${parts.join('')}`);
const anything = fc.oneof(versionish, fc.string({ unit: 'binary', maxLength: 40 }));

describe.each(versionSchemes.map((scheme) => [scheme.name, scheme] as const))('%s', (_name, scheme) => {
  it('finds a version equal to itself, and nothing equal to what is no version', () => {
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const self = scheme.compare(a, a);
        expect(self === null || self === 0).toBe(true);
        const readable = self !== null && scheme.compare(b, b) !== null;
        expect(scheme.compare(a, b) !== null).toBe(readable);
      }),
    );
  });

  it('gives the opposite answer the other way round', () => {
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const there = scheme.compare(a, b);
        const back = scheme.compare(b, a);
        expect(there === null ? null : Math.sign(there) + 0).toBe(back === null ? null : 0 - Math.sign(back));
      }),
    );
  });

  it('takes at a glance for unequal only what is', () => {
    fc.assert(
      fc.property(fc.oneof(versionish, anything), fc.oneof(versionish, anything), (a, b) => {
        const equal = scheme.compare(a, b) === 0;
        expect(equal && scheme.mayEqual?.(a, b) === false).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('orders three versions without a circle', () => {
    fc.assert(
      fc.property(versionish, versionish, versionish, (a, b, c) => {
        const ab = scheme.compare(a, b);
        const bc = scheme.compare(b, c);
        const ac = scheme.compare(a, c);
        if (ab === null || bc === null || ac === null) return;
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
        if (ab === 0 && bc === 0) expect(ac).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('is quick about very long texts', () => {
    for (const text of ['1'.repeat(100_000), '1.'.repeat(50_000), '~'.repeat(100_000), '-'.repeat(100_000)]) {
      const start = performance.now();
      scheme.compare(text, `${text}1`);
      expect(performance.now() - start).toBeLessThan(200);
    }
  });
});

describe('which scheme', () => {
  it.each([
    ['deb', 'deb'],
    ['apk', 'apk'],
    ['rpm', 'rpm'],
    ['npm', 'semver'],
    ['golang', 'go'],
    ['pypi', 'pep440'],
    ['maven', 'maven'],
    ['gem', 'gem'],
    ['cargo', 'semver'],
    ['composer', 'composer'],
    ['nuget', 'nuget'],
  ] as const)('a package of type %s has %s', (type, name) => {
    expect(schemeOfPackageType(type).name).toBe(name);
  });
});
