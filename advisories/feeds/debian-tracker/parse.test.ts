import { describe, expect, it } from '@jest/globals';
import { parseDebianSource } from './parse.ts';

/** The records of one CVE of `openssl` with these releases. */
const records = (releases: unknown, id = 'CVE-2024-0727', more: object = {}) =>
  parseDebianSource('openssl', { [id]: { scope: 'remote', debianbug: 1061582, ...more, releases } });

/** What a single release `bookworm` comes to, without ecosystem and name. */
const bookworm = (release: unknown) =>
  records({ bookworm: release }).map((record) => {
    if (record.kind === 'rejected') return [record.name, record.why];
    if (record.kind !== 'advisory') return record.kind;
    return record.advisory.affected.map(({ ranges, severity, state, note }) => ({
      fixed: ranges.map((events) => JSON.stringify(events)).join(),
      severity,
      state,
      note,
    }));
  });

const open = JSON.stringify([{ introduced: '0' }]);
const fixed = JSON.stringify([{ introduced: '0' }, { fixed: '3.0.13-1~deb12u1' }]);
const one = (ranges: string, severity: string | null, state?: string, note?: string) => [
  [{ fixed: ranges, severity, state, note }],
];

describe('a source package of Debian’s tracker', () => {
  it('has an advisory per CVE, with a row for each release that has a number', () => {
    const release = {
      status: 'resolved',
      repositories: { bookworm: '3.0.11-1~deb12u2', 'bookworm-security': '3.0.13-1~deb12u1' },
      fixed_version: '3.0.13-1~deb12u1',
      urgency: 'not yet assigned',
    };
    const found = records(
      { bookworm: release, trixie: { ...release, fixed_version: '3.1.5-1' }, sid: release },
      'CVE-2024-0727',
      { description: 'Issue summary: Processing a maliciously formatted PKCS12 file\nmay lead to a crash.' },
    );
    const rows = [
      ['Debian:12', '3.0.13-1~deb12u1'],
      ['Debian:13', '3.1.5-1'],
    ] as const;
    expect(found).toEqual([
      {
        kind: 'advisory',
        advisory: {
          id: 'DEBIAN-CVE-2024-0727',
          kind: 'vulnerability',
          aliases: [],
          upstream: ['CVE-2024-0727'],
          summary: 'Issue summary: Processing a maliciously formatted PKCS12 file may lead to a crash.',
          url: 'https://security-tracker.debian.org/tracker/CVE-2024-0727',
          severity: null,
          cvss: null,
          published: null,
          modified: null,
          affected: rows.map(([ecosystem, version]) => ({
            ecosystem,
            name: 'openssl',
            ranges: [[{ introduced: '0' }, { fixed: version }]],
            versions: [],
            severity: null,
          })),
        },
      },
    ]);
  });

  it.each<[string, object, unknown]>([
    ['fixed', { status: 'resolved', fixed_version: '3.0.13-1~deb12u1' }, one(fixed, null)],
    [
      'fixed in version 0: not affected',
      { status: 'resolved', fixed_version: '0', urgency: 'unimportant' },
      [],
    ],
    ['open', { status: 'open', urgency: 'not yet assigned' }, one(open, null)],
    ['open, low', { status: 'open', urgency: 'low**' }, one(open, 'low')],
    ['open, unimportant', { status: 'open', urgency: 'unimportant' }, one(open, 'negligible')],
    [
      'not worth an advisory of its own',
      { status: 'open', urgency: 'medium', nodsa: 'Minor issue', nodsa_reason: '' },
      one(open, 'medium', undefined, 'no-dsa: Minor issue'),
    ],
    [
      'put off',
      { status: 'open', nodsa: 'Minor issue; next\nupdate', nodsa_reason: 'postponed' },
      one(open, null, undefined, 'no-dsa, postponed: Minor issue; next update'),
    ],
    [
      'never to be fixed',
      { status: 'open', nodsa: 'Too intrusive to backport', nodsa_reason: 'ignored' },
      one(open, null, 'will_not_fix', 'no-dsa, ignored: Too intrusive to backport'),
    ],
    [
      'never to be fixed, and no word why',
      { status: 'open', nodsa_reason: 'ignored' },
      one(open, null, 'will_not_fix'),
    ],
    [
      'in a package whose support has ended',
      { status: 'open', urgency: 'end-of-life' },
      one(open, null, 'will_not_fix', 'end-of-life: no security support for this package'),
    ],
    ['undetermined', { status: 'undetermined', urgency: 'low' }, one(open, 'low', 'undetermined')],
  ])('%s', (_name, release, expected) => {
    expect(bookworm(release)).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ['no status', {}, '"status"'],
    ['another status', { status: 'maybe' }, '"maybe" is not known'],
    ['a fix without a version', { status: 'resolved' }, '"fixed_version"'],
    ['a fix that is no text', { status: 'resolved', fixed_version: 3 }, '"fixed_version"'],
    ['no object', null, 'no object'],
  ])('rejects a release with %s by name, and it alone', (_name, release, why) => {
    expect(bookworm(release)).toEqual([['openssl CVE-2024-0727 bookworm', expect.stringContaining(why)]]);
    expect(records({ bookworm: release, trixie: { status: 'open' } })).toMatchObject([
      { kind: 'advisory', advisory: { affected: [{ ecosystem: 'Debian:13' }] } },
      { kind: 'rejected' },
    ]);
  });

  it.each([
    ['wheezy', ['Debian:7']],
    ['bullseye', ['Debian:11']],
    ['forky', ['Debian:14']],
    ['sid', []],
    ['experimental', []],
  ])('knows %s', (codename, ecosystems) => {
    const found = records({ [codename]: { status: 'open' } });
    expect(
      found.flatMap((record) =>
        record.kind === 'advisory' ? record.advisory.affected.map((row) => row.ecosystem) : record.kind,
      ),
    ).toEqual(ecosystems);
  });

  it('rejects a release whose number is not known, under its own name', () => {
    expect(records({ gert: { status: 'open' } })).toEqual([
      { kind: 'rejected', name: 'release "gert"', why: 'which number this release has is not known' },
    ]);
  });

  it('leaves a name that is no CVE as it is', () => {
    expect(records({ trixie: { status: 'open' } }, 'TEMP-0807341-84E914')).toMatchObject([
      {
        advisory: {
          id: 'TEMP-0807341-84E914',
          upstream: [],
          url: 'https://security-tracker.debian.org/tracker/TEMP-0807341-84E914',
        },
      },
    ]);
  });

  it.each<[string, string, unknown, unknown]>([
    ['no releases, as the tracker writes it', 'p', { 'CVE-2022-0358': { releases: [] } }, []],
    ['a broken CVE', 'p', { 'CVE-2022-0358': 1 }, [{ name: 'p CVE-2022-0358' }]],
    ['a CVE without releases', 'p', { 'CVE-2022-0358': {} }, [{ name: 'p CVE-2022-0358' }]],
    ['releases in a list', 'p', { 'CVE-2022-0358': { releases: [{}] } }, [{ name: 'p CVE-2022-0358' }]],
    ['another name', 'p', { 'x y': { releases: {} } }, [{ name: 'p x y' }]],
    ['a source that is no object', 'p', [], [{ name: 'p' }]],
    ['a source without a name', '', {}, [{ name: '' }]],
    ['a source with a name of another kind', '../x', {}, [{ name: '../x' }]],
  ])('%s', (_name, source, value, expected) => {
    expect(parseDebianSource(source, value)).toMatchObject(expected as object[]);
  });
});
