import type { KnownException } from './version-tables.ts';

const refused = 'undetermined' as const;

/** Rows of real tables of versions in which a scheme stands apart from its table, and why. */
export const knownExceptions: readonly KnownException[] = [
  {
    scheme: 'apk',
    a: '1.2_svn1',
    b: '1.2_csv2',
    ours: refused,
    word: 'apk-tools 2.14.4, apk version --check: 1.2_csv2 is invalid (the suffix is cvs)',
  },
  { scheme: 'deb', a: '', b: 'a', ours: refused, word: 'dpkg 1.21: version string is empty' },
  ...['1beta', '1gamma'].map((b) => ({
    scheme: 'gem',
    a: '1',
    b,
    ours: refused,
    word: `RubyGems 3.3.15: Malformed version number string ${b}`,
  })),
  {
    scheme: 'composer',
    a: '1.0.0',
    b: '1.0',
    ours: '=',
    word: 'composer/semver 3.3: both are 1.0.0.0; only PHP’s bare version_compare tells them apart',
  },
  {
    scheme: 'composer',
    a: 'v4-beta4',
    b: 'v4.0-alpha',
    ours: '>',
    word: 'composer/semver 3.3: 4.0.0.0-beta4 and 4.0.0.0-alpha; PHP’s bare version_compare sees a number more',
  },
  {
    scheme: 'composer',
    a: 'dev-foo',
    b: '1.26.0',
    ours: refused,
    word: 'composer/semver 3.3: dev-foo is a branch, which no version constraint matches',
  },
  ...(
    [
      ['1.2.3.#', '1.2.3.#', '1.2.3.#'],
      ['1.2.3.#.1', '1.2.3', '1.2.3.#.1'],
      ['1.2.3.#.beta', '1.2.3', '1.2.3.#.beta'],
      ['3.2.0rc1', '3.2.0rc1.post1', '3.2.0rc1.post1'],
      ['3.5.2.post1', '3.6.0', '3.5.2.post1'],
      ['999999999999999999999999999991', '999999999999999999999999999999', 'a first number of 30 digits'],
      [
        '999999999999999999999999999991.999999999999999999999999999991.999999999999999999999999999991',
        '999999999999999999999999999999.999999999999999999999999999991.999999999999999999999999999991',
        'a first number of 30 digits',
      ],
    ] as const
  ).map(([a, b, what]) => ({
    scheme: 'composer',
    a,
    b,
    ours: refused,
    word: `composer/semver 3.3: Invalid version string (${what})`,
  })),
  ...(
    [
      ['0.9-ivysaur', '1.0', '0.9-ivysaur'],
      ['5.0-final', '5.1', '5.0-final'],
      ['0.9-gyarados', '0.9-horsea', '0.9-gyarados'],
    ] as const
  ).map(([a, b, what]) => ({
    scheme: 'pep440',
    a,
    b,
    ours: refused,
    word: `packaging 21.3: InvalidVersion('${what}'), from before PEP 440`,
  })),
];
