import type { OperatingSystem } from '../core/inventory.ts';

/**
 * First days without support, `2028-07-01`, by os-release's ID and release. Support is what the advisories speak of:
 * for Debian its LTS team's, for Ubuntu standard security maintenance without Pro, for Red Hat's family the end of
 * maintenance. As of 2026-11-24, by distro-info-data 0.58 (Debian, Ubuntu) and the distributions' own pages of
 * their releases (Alpine, Red Hat's, Rocky, AlmaLinux), and endoflife.date's pages (the others), whose days are the last ones
 * with support. What is not in it is not known, or its end may still move: a feed tells it.
 */
const firstDays: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'debian',
    new Map([
      ['6', '2016-03-01'],
      ['7', '2018-06-01'],
      ['8', '2020-07-01'],
      ['9', '2022-07-01'],
      ['10', '2024-07-01'],
      ['11', '2026-09-01'],
      ['12', '2028-07-01'],
      ['13', '2030-07-01'],
    ]),
  ],
  [
    'ubuntu',
    new Map([
      ['12.04', '2017-04-29'],
      ['14.04', '2019-04-26'],
      ['16.04', '2021-05-01'],
      ['18.04', '2023-06-01'],
      ['18.10', '2019-07-19'],
      ['19.04', '2020-01-24'],
      ['19.10', '2020-07-18'],
      ['20.04', '2025-05-30'],
      ['20.10', '2021-07-23'],
      ['21.04', '2022-01-21'],
      ['21.10', '2022-07-15'],
      ['22.04', '2027-06-02'],
      ['22.10', '2023-07-21'],
      ['23.04', '2024-01-26'],
      ['23.10', '2024-07-12'],
      ['24.04', '2029-06-01'],
      ['24.10', '2025-07-11'],
      ['25.04', '2026-01-16'],
      ['25.10', '2026-07-10'],
      ['26.04', '2031-05-30'],
    ]),
  ],
  [
    'alpine',
    new Map([
      ['3.0', '2016-05-01'],
      ['3.1', '2016-11-01'],
      ['3.2', '2017-05-01'],
      ['3.3', '2017-11-01'],
      ['3.4', '2018-05-01'],
      ['3.5', '2018-11-01'],
      ['3.6', '2019-05-01'],
      ['3.7', '2019-11-01'],
      ['3.8', '2020-05-01'],
      ['3.9', '2020-11-01'],
      ['3.10', '2021-05-01'],
      ['3.11', '2021-11-01'],
      ['3.12', '2022-05-01'],
      ['3.13', '2022-11-01'],
      ['3.14', '2023-05-01'],
      ['3.15', '2023-11-01'],
      ['3.16', '2024-05-23'],
      ['3.17', '2024-11-22'],
      ['3.18', '2025-05-09'],
      ['3.19', '2025-11-01'],
      ['3.20', '2026-04-01'],
      ['3.21', '2026-11-01'],
      ['3.22', '2027-05-01'],
      ['3.23', '2027-11-01'],
    ]),
  ],
  [
    'rhel',
    new Map([
      ['6', '2020-12-01'],
      ['7', '2024-07-01'],
      ['8', '2029-06-01'],
      ['9', '2032-06-01'],
      ['10', '2035-06-01'],
    ]),
  ],
  [
    'centos',
    new Map([
      ['5', '2017-04-01'],
      ['6', '2020-12-01'],
      ['7', '2024-07-01'],
      // CentOS Stream has the same number, and ended later.
      ['8', '2022-01-01'],
      ['9', '2027-06-01'],
    ]),
  ],
  [
    'ol',
    new Map([
      ['6', '2021-04-01'],
      ['7', '2025-01-01'],
      ['8', '2029-08-01'],
      ['9', '2032-07-01'],
    ]),
  ],
  [
    'amzn',
    new Map([
      ['2018.03', '2024-01-01'],
      ['2', '2026-07-01'],
    ]),
  ],
  [
    'sles',
    new Map([
      ['11.4', '2019-04-01'],
      ['12', '2016-07-01'],
      ['12.1', '2017-06-01'],
      ['12.2', '2018-04-01'],
      ['12.3', '2019-07-01'],
      ['12.4', '2020-07-01'],
      ['12.5', '2024-11-01'],
      ['15', '2020-01-01'],
      ['15.1', '2021-02-01'],
      ['15.2', '2022-01-01'],
      ['15.3', '2023-01-01'],
      ['15.4', '2024-01-01'],
      ['15.5', '2025-01-01'],
      ['15.6', '2026-01-01'],
    ]),
  ],
  [
    'opensuse-leap',
    new Map([
      ['15.0', '2019-12-04'],
      ['15.1', '2021-02-03'],
      ['15.2', '2022-01-05'],
      ['15.3', '2023-01-01'],
      ['15.4', '2023-12-08'],
      ['15.5', '2025-01-01'],
      ['15.6', '2026-05-01'],
      ['16.0', '2027-11-01'],
    ]),
  ],
  [
    'fedora',
    new Map([
      ['36', '2023-05-17'],
      ['37', '2023-12-06'],
      ['38', '2024-05-22'],
      ['39', '2024-11-27'],
      ['40', '2025-05-14'],
      ['41', '2025-12-16'],
      ['42', '2026-05-14'],
      ['43', '2026-12-10'],
    ]),
  ],
  [
    'mariner',
    new Map([
      ['1.0', '2023-09-01'],
      ['2.0', '2025-08-01'],
    ]),
  ],
  ['azurelinux', new Map([['3.0', '2027-09-01']])],
  [
    'rocky',
    new Map([
      ['8', '2029-06-01'],
      ['9', '2032-06-01'],
      ['10', '2035-06-01'],
    ]),
  ],
  [
    'almalinux',
    new Map([
      ['8', '2029-03-02'],
      ['9', '2032-06-01'],
      ['10', '2035-06-01'],
    ]),
  ],
]);

/** What a feed says of ends of life (`AdvisoryIndex`). */
export interface EndsOfLife {
  endOfLife(os: string, release: string): string | null;
}

/** Systems whose minor releases follow each other within the support of a major one. */
const byMajor: ReadonlySet<string> = new Set([
  'debian',
  'rhel',
  'rocky',
  'almalinux',
  'ol',
  'amzn',
  'centos',
]);

/**
 * First day without support of a system's release: by the table, and by a feed for releases that are not in it, because
 * feeds mean different things by support; null: not known, or none is planned (`edge`, `sid`, Wolfi).
 */
export function endOfLifeOf(
  os: Pick<OperatingSystem, 'id' | 'versionId'> | null,
  feed: EndsOfLife,
): string | null {
  // A snapshot of what is to come (`3.21.0_alpha20240923`) is supported for as long as it comes.
  const version = /^([0-9]{1,4})(?:\.([0-9]{1,3}))?(?:\.[0-9]{1,3})*$/.exec(os?.versionId ?? '');
  if (os === null || version === null) return null;
  const [, major = '', minor = ''] = version;
  const releases = firstDays.get(os.id);
  const exact = minor === '' ? major : `${major}.${minor}`;
  const names = byMajor.has(os.id) ? [exact, major] : [exact];
  const first = (of: (release: string) => string | null | undefined): string | null =>
    names.reduce<string | null>((found, name) => found ?? of(name) ?? null, null);
  return first((name) => releases?.get(name)) ?? first((name) => feed.endOfLife(os.id, name));
}
