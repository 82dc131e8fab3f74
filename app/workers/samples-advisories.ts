import { ecosystemState, emptyIndex, feedState } from '../../advisories/samples-index.ts';
import {
  type OperatingSystem,
  type Package,
  type PackageType,
  systemPackageTypes,
} from '../../core/inventory.ts';
import type { AdvisoryIndex, AffectedRow, EcosystemState } from '../../core/ports/advisories.ts';

// Random inventories and random revisions of advisories, small enough that most of them have to do with each other.

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export type Random = () => number;
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const upTo = (random: Random, count: number): number => Math.floor(random() * count);
function pick<Value>(random: Random, from: readonly Value[]): Value {
  const one = from[upTo(random, from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

const systems: readonly (OperatingSystem | null)[] = [
  null,
  { id: 'debian', versionId: '12', name: 'Debian 12' },
  { id: 'debian', versionId: '11', name: 'Debian 11' },
  { id: 'alpine', versionId: '3.19.1', name: 'Alpine' },
  { id: 'almalinux', versionId: '9.3', name: 'AlmaLinux' },
  { id: 'rhel', versionId: '9.4', name: 'Red Hat' },
  { id: 'nobody', versionId: '1', name: 'Nobody' },
];
const names = ['a', 'b', 'c', 'd', 'org.e:f', 'net.e:f', 'f', 'python3-a', 'drupal/a'];
const versions = ['1', '2', '3-1', 'no version', '2.module_el9+1'];
const types: readonly PackageType[] = ['deb', 'apk', 'rpm', 'npm', 'golang', 'pypi', 'maven', 'composer'];
const ecosystems = [
  'Debian:12',
  'Debian:11',
  'Alpine:v3.19',
  'AlmaLinux:9',
  'Red Hat:enterprise_linux:9::baseos',
  'Red Hat:enterprise_linux:9::appstream',
  'npm',
  'Go',
  'PyPI',
  'Maven',
  'Packagist',
  'Packagist:https://packages.drupal.org/8',
];

export function randomInventory(random: Random): {
  readonly os: OperatingSystem | null;
  readonly packages: readonly Package[];
} {
  return {
    os: pick(random, systems),
    packages: Array.from({ length: upTo(random, 12) }, (): Package => {
      const [type, name, version] = [pick(random, types), pick(random, names), pick(random, versions)];
      const source =
        random() < 0.5 ? { name, version } : { name: pick(random, names), version: pick(random, versions) };
      const arch = random() < 0.3 ? null : pick(random, ['amd64', 'arm64']);
      const isOwned = !systemPackageTypes.has(type) && random() < 0.6;
      return {
        ...{ type, name, version, arch, source, licenses: [], layer: null },
        ...(isOwned ? { ownedBy: pick(random, names) } : {}),
        ...(type === 'rpm' && random() < 0.4
          ? { modularityLabel: pick(random, ['m:1:1:1', 'm:2:1:1']) }
          : {}),
        purl: `pkg:${type}/${name}@${version}${arch === null ? '' : `?arch=${arch}`}`,
        paths: [`somewhere/${upTo(random, 1000)}`],
      };
    }),
  };
}

/** One row for each advisory. */
export type RandomAdvisories = ReadonlyMap<string, AffectedRow>;

export function randomAdvisories(random: Random, count: number): Map<string, AffectedRow> {
  const rows = new Map<string, AffectedRow>();
  for (let n = 0; n < count; n += 1) {
    const row = randomRow(random);
    rows.set(row.advisory.id, row);
  }
  return rows;
}

/** The next revision: some are gone, some say otherwise, some are new. Returns what changed, as a comparison of the two tells. */
export function moved(
  before: RandomAdvisories,
  random: Random,
): { readonly now: RandomAdvisories; readonly subjects: ReadonlySet<string> } {
  const now = new Map(before);
  const subjects = new Set<string>();
  const touch = (row: AffectedRow): void => {
    subjects.add(`${row.affected.ecosystem}\n${row.affected.name}`);
  };
  for (const [id, row] of before) {
    if (random() < 0.85) continue;
    touch(row);
    now.delete(id);
    if (random() < 0.3) continue;
    const other = { ...randomRow(random), advisory: { ...randomRow(random).advisory, id } };
    touch(other);
    now.set(id, other);
  }
  for (const row of randomAdvisories(random, upTo(random, 4)).values()) {
    const known = now.get(row.advisory.id);
    if (known !== undefined) touch(known);
    touch(row);
    now.set(row.advisory.id, row);
  }
  return { now, subjects };
}

function randomRow(random: Random): AffectedRow {
  const id = `${pick(random, ['CVE', 'GHSA', 'DEBIAN-CVE', 'MAL'])}-${upTo(random, 60)}`;
  const cves = Array.from({ length: upTo(random, 3) }, () => `CVE-${upTo(random, 60)}`);
  return {
    advisory: {
      ...{
        id,
        kind: pick(random, ['vulnerability', 'vulnerability', 'malware', 'bugfix']),
        summary: 'm:1 is wrong',
      },
      ...{ aliases: random() < 0.5 ? cves : [], upstream: random() < 0.5 ? cves : [], url: '' },
      ...{
        severity: pick(random, [null, 'low', 'high', 'critical']),
        cvss: null,
        published: null,
        modified: null,
      },
    },
    affected: {
      ...{ ecosystem: pick(random, ecosystems), name: pick(random, names), versions: [], severity: null },
      ranges: [[{ introduced: '0' }, ...(random() < 0.7 ? [{ fixed: pick(random, versions) }] : [])]],
    },
  };
}

/** `day`: how old its feeds are; which ecosystems it covers depends on it. */
export function indexOf(revision: string, rows: RandomAdvisories, day: number): AdvisoryIndex {
  const all = [...rows.values()];
  const updatedAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
  return {
    ...emptyIndex,
    revision,
    feeds: [feedState({ name: 'kev', updatedAt: new Date(Date.UTC(2026, 0, 3)).toISOString() })],
    ecosystem: (ecosystem): EcosystemState | null =>
      (ecosystem.length + day) % 5 === 0
        ? null
        : ecosystemState({ ecosystem, feed: `osv:${ecosystem}`, updatedAt, rows: 100, familyRows: 100 }),
    affecting: (ecosystem, name) =>
      all.filter(({ affected }) => affected.ecosystem === ecosystem && affected.name === name),
    packagesEnding: (ecosystem, ending) => [
      ...new Set(
        all.flatMap(({ affected }) =>
          affected.ecosystem === ecosystem && affected.name.endsWith(ending) ? [affected.name] : [],
        ),
      ),
    ],
    knownExploited: (id) => id.endsWith('7'),
  };
}
