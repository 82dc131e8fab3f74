import { readFileSync } from 'node:fs';
import { schemeOfPackageType } from '../../advisories/versions/index.ts';
import type { Inventory, OperatingSystem, Package, PackageType } from '../../core/inventory.ts';
import { buildInventory } from '../../scanner/inventory.ts';
import { purlOf } from '../../scanner/purl.ts';
import type { OsvFeeds, OsvRecord } from '../support/osv.ts';

/**
 * Inventories made from what package managers list of real systems (data/packages.tsv), with the facts of real
 * advisories about them (data/advisories.tsv).
 */

interface System {
  readonly os: OperatingSystem;
  readonly type: PackageType;
  /** In OSV's words. */
  readonly ecosystem: string;
}

const system = (
  id: string,
  versionId: string,
  name: string,
  type: PackageType,
  ecosystem: string,
): System => ({
  os: { id, versionId, name },
  type,
  ecosystem,
});

export const systems: ReadonlyMap<string, System> = new Map([
  ['alpine-3.7', system('alpine', '3.7.3', 'Alpine Linux v3.7', 'apk', 'Alpine:v3.7')],
  ['alpine-edge', system('alpine', '3.21.0_alpha20240923', 'Alpine Linux edge', 'apk', 'Alpine:edge')],
  ['almalinux-8', system('almalinux', '8.9', 'AlmaLinux 8.9', 'rpm', 'AlmaLinux:8')],
  ['almalinux-9', system('almalinux', '9.3', 'AlmaLinux 9.3', 'rpm', 'AlmaLinux:9')],
  ['debian-12', system('debian', '12', 'Debian GNU/Linux 12 (bookworm)', 'deb', 'Debian:12')],
]);

/** What an application may bring: packages of 2018, as they were published. */
export const stacks: ReadonlyMap<string, readonly (readonly [PackageType, string, string])[]> = new Map([
  ['plain', []],
  [
    'python',
    [
      ['pypi', 'requests', '2.19.1'],
      ['pypi', 'urllib3', '1.23'],
      ['pypi', 'jinja2', '2.10'],
      ['pypi', 'flask', '0.12.2'],
      ['pypi', 'werkzeug', '0.14.1'],
      ['pypi', 'pyyaml', '3.13'],
    ],
  ],
  [
    'node',
    [
      ['npm', 'express', '4.16.0'],
      ['npm', 'lodash', '4.17.4'],
      ['npm', 'minimist', '1.2.0'],
      ['npm', 'ws', '3.3.0'],
      ['npm', 'handlebars', '4.0.11'],
    ],
  ],
  ['jquery', [['npm', 'jquery', '3.3.1']]],
]);

interface AdvisoryRow {
  readonly id: string;
  readonly published: string;
  readonly cvss: string;
  readonly summary: string;
  readonly others: readonly string[];
  readonly ecosystem: string;
  readonly package: string;
  readonly events: readonly Readonly<Record<string, string>>[];
}

function rowsOf(file: string): readonly (readonly string[])[] {
  return readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}

const installed = rowsOf('packages.tsv');
const advisories = rowsOf('advisories.tsv').map((row): AdvisoryRow => {
  const [
    id = '',
    published = '',
    cvss = '',
    summary = '',
    others = '',
    ecosystem = '',
    name = '',
    events = '',
  ] = row;
  const pairs = events.split(',').map((event) => event.split('='));
  return {
    id,
    published,
    cvss,
    summary,
    others: others.split(',').filter((other) => other !== ''),
    ecosystem,
    package: name,
    events: pairs.map(([key = '', version = '']) => ({ [key]: version })),
  };
});

/** In the catalogue of CISA, with the day they were added. */
const knownExploited = [
  { cveID: 'CVE-2023-4911', dateAdded: '2023-11-21' },
  { cveID: 'CVE-2020-11023', dateAdded: '2025-01-23' },
  { cveID: 'CVE-2025-48384', dateAdded: '2025-08-25' },
];

/** The advisories as an OSV bulk export. */
export function realFeeds(): OsvFeeds {
  const feeds: Record<string, OsvRecord[]> = {};
  const byId = new Map<string, AdvisoryRow[]>();
  for (const row of advisories) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  for (const [id, rows] of byId) {
    const [first] = rows;
    if (first === undefined) continue;
    const family = first.ecosystem.split(':')[0] ?? first.ecosystem;
    const record = {
      schema_version: '1.6.0',
      id,
      published: `${first.published}T00:00:00Z`,
      modified: `${first.published}T00:00:00Z`,
      summary: first.summary,
      // A distribution's record repeats CVEs; those of languages are the same thing by another name.
      [/^(?:PYSEC|x_)/.test(id) ? 'aliases' : id.startsWith('AL') ? 'related' : 'upstream']: first.others,
      ...(first.cvss === '' ? {} : { severity: [{ type: 'CVSS_V3', score: first.cvss }] }),
      affected: rows.map(({ ecosystem, package: name, events }) => ({
        package: { ecosystem, name },
        ranges: [{ type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM', events }],
        versions: [],
      })),
    };
    feeds[family] = [...(feeds[family] ?? []), record];
  }
  return { ...feeds, kev: knownExploited };
}

/** How many steps there are from what was installed to everything updated. */
export const updateSteps = 10;

/** The inventory of a system with an application, of whose packages with a fix so many tenths were updated, in their order. */
export function realInventory(systemName: string, stack: string, step: number): Inventory {
  const found = systems.get(systemName);
  if (found === undefined) throw new Error(`no system ${systemName}`);
  const base = installed.filter(([of]) => of === systemName);
  const own = base.map(([, name = '', version = '', source = name, sourceVersion = version]) =>
    packageOf(found.os, found.type, name, version, { name: source, version: sourceVersion }, found.ecosystem),
  );
  const brought = (stacks.get(stack) ?? []).map(([type, name, version]) =>
    packageOf(found.os, type, name, version, { name, version }, type === 'npm' ? 'npm' : 'PyPI'),
  );
  const all = [...own, ...brought];
  const outdated = all.filter(({ latest }) => latest !== null);
  const updated = new Set(outdated.slice(0, Math.round((outdated.length * step) / updateSteps)));
  return {
    ...buildInventory({ layers: [], config: null, unfit: [] }),
    os: found.os,
    platform: { os: 'linux', architecture: 'amd64', variant: null },
    packages: all.map((one) => (updated.has(one) && one.latest !== null ? one.latest : one.package)),
    incomplete: [],
    content: 'image',
  };
}

interface Choice {
  readonly package: Package;
  /** The same with every fix that is known; null: it has them all. */
  readonly latest: Package | null;
}

function packageOf(
  os: OperatingSystem,
  type: PackageType,
  name: string,
  version: string,
  source: { readonly name: string; readonly version: string },
  ecosystem: string,
): Choice {
  const make = (
    installedVersion: string,
    from: { readonly name: string; readonly version: string },
  ): Package => {
    const found = {
      type,
      name,
      version: installedVersion,
      arch: type === 'npm' || type === 'pypi' ? null : 'amd64',
      source: from,
      licenses: [],
    };
    return { ...found, purl: purlOf(found, os), layer: null, paths: [] };
  };
  const { compare } = schemeOfPackageType(type);
  const fixes = advisories
    .filter((row) => row.ecosystem === ecosystem && (row.package === name || row.package === source.name))
    .flatMap((row) => row.events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])));
  const newest = fixes.reduce((best, fix) => ((compare(fix, best) ?? 0) > 0 ? fix : best), source.version);
  const latest = newest === source.version ? null : make(newest, { name: source.name, version: newest });
  return { package: make(version, source), latest };
}
