import { type Digest, parseDigest } from '../../core/digest.ts';
import type { Coverage, Finding, MatchResult } from '../../core/finding.ts';
import type { Inventory, Package, PackageType } from '../../core/inventory.ts';
import {
  type CoverageState,
  type MatchGround,
  type PackageMatches,
  packageClasses,
} from '../../core/match.ts';
import type { Severity } from '../../core/severity.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { randomOf } from '../../test/support/random.ts';

// Images as a registry of a company holds them: a few hundred bases that many images share, most packages from the
// distribution, some of the application's own; few packages with many advisories and many with none. Made from
// their number alone, so that every run has the same.

/** Distinct bases. */
const bases = 300;
const systemPackages = 1200;
const libraries = 4000;

/** What is known of a package that images draw from. */
interface Known {
  readonly fields: Package;
  readonly findings: readonly Finding[];
}

export interface RecordedImage {
  readonly repository: string;
  readonly inventory: Inventory;
  readonly match: MatchResult;
}

/** All that images draw from, for one revision of the advisories. */
export function imageSource(advisories: MatchResult['advisories']): (image: number) => RecordedImage {
  const system = Array.from({ length: systemPackages }, (_, n) => systemPackage(n));
  const own = Array.from({ length: libraries }, (_, n) => libraryPackage(n));
  const drawn = Array.from({ length: bases }, (_, base) => draw(randomOf(base + 1), system, 90, 150));
  return (image) => {
    const random = randomOf(1_000_003 + image);
    const base = drawn[Math.floor(random() ** 2 * bases)] ?? [];
    const all = [...base, ...draw(random, own, 5, 60)];
    const layers = [hexDigest(Math.floor(image / 300)), hexDigest(7_000_000 + image)];
    const packages = all.map(({ fields }) => ({
      ...fields,
      layer: layers[fields.type === 'deb' ? 0 : 1] ?? null,
    }));
    const findings = all.flatMap(({ findings }) => findings);
    return {
      repository: `team-${image % 40}/service-${image % 2500}`,
      inventory: inventoryOf(packages, image),
      match: {
        findings,
        coverage: [
          coverageOf('Debian:12', '12', base.length, advisories.updatedAt),
          coverageOf('npm', null, all.length - base.length, advisories.updatedAt),
        ],
        advisories,
        endOfLife: '2028-06-30',
      },
    };
  };
}

/** Names under which advisories speak of what images draw from, the ones that most images have first. */
export function subjects(): { readonly debian: readonly string[]; readonly npm: readonly string[] } {
  return {
    debian: [
      ...new Set(Array.from({ length: systemPackages }, (_, n) => systemPackage(n).fields.source.name)),
    ],
    npm: [...new Set(Array.from({ length: libraries }, (_, n) => libraryPackage(n).fields.name))],
  };
}

/** One image with exactly so many findings. */
export function imageWithFindings(count: number, advisories: MatchResult['advisories']): RecordedImage {
  const image = imageSource(advisories)(0);
  const findings: Finding[] = [];
  for (let n = 0; findings.length < count; n += 1) findings.push(...systemPackage(n).findings);
  return { ...image, match: { ...image.match, findings: findings.slice(0, count) } };
}

/** The same, package by package; findings of packages that it does not have go to its first one. */
export function packageMatchesOf({ packages }: Inventory, match: MatchResult): PackageMatches {
  const at = new Map(packages.map(({ purl }, position) => [purl, position]));
  const found = packages.map((): Finding[] => []);
  for (const finding of match.findings) found[at.get(finding.purl) ?? 0]?.push(finding);
  const stateOf = (ecosystem: string): CoverageState => {
    const entry = match.coverage.find((one) => one.ecosystem === ecosystem);
    const { packages: _, ...state } = entry ?? coverageOf(ecosystem, null, 0, null);
    return { ...state, known: entry !== undefined };
  };
  const classes = packageClasses.map((its) => [its, stateOf(its === 'deb' ? 'Debian:12' : its)]);
  return {
    revision: match.advisories.revision,
    ground: {
      system: stateOf('Debian:12'),
      classes: Object.fromEntries(classes) as MatchGround['classes'],
      catalogues: [],
      endOfLife: match.endOfLife,
    },
    packages: found.map((findings) => ({ findings, spokenFor: null })),
  };
}

function inventoryOf(packages: readonly Package[], image: number): Inventory {
  return {
    os: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
    platform: { os: 'linux', architecture: 'amd64', variant: null },
    packages,
    incomplete: [],
    unfit: [],
    analyzers: ANALYZERS,
    content: 'image',
    facts: {
      created: new Date(Date.UTC(2026, 0, 1 + (image % 300))).toISOString(),
      user: image % 3 === 0 ? null : 'app',
      labels: { team: `team-${image % 40}`, 'org.opencontainers.image.title': `service-${image % 2500}` },
      exposedPorts: ['8080/tcp'],
      healthcheck: image % 4 === 0,
    },
    checks: image % 3 === 0 ? [{ id: 'runs-as-root', detail: 'the image names no user' }] : [],
  };
}

function coverageOf(
  ecosystem: string,
  release: string | null,
  packages: number,
  updatedAt: string | null,
): Coverage {
  return {
    ecosystem,
    release,
    feed: `osv:${ecosystem}`,
    updatedAt,
    covered: true,
    packages,
  };
}

function systemPackage(n: number): Known {
  const name = `lib${word(n)}${n % 9}`;
  const source = word(Math.floor(n / 2));
  const version = `${1 + (n % 4)}.${n % 30}.${n % 7}-${1 + (n % 5)}+deb12u${1 + (n % 6)}`;
  return known(n, 'deb', {
    type: 'deb',
    name,
    version,
    arch: 'amd64',
    source: { name: source, version },
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12`,
    layer: null,
    paths: ['var/lib/dpkg/status'],
    licenses: [],
  });
}

function libraryPackage(n: number): Known {
  const name = `${word(n + 5000)}-${word(n * 7)}`;
  const version = `${n % 12}.${n % 40}.${n % 17}`;
  return known(1_000_000 + n, 'npm', {
    type: 'npm',
    name,
    version,
    arch: null,
    source: { name, version },
    purl: `pkg:npm/${name}@${version}`,
    layer: null,
    paths: [`srv/app/node_modules/${name}/package.json`],
    licenses: ['MIT'],
  });
}

/** A third of the packages have advisories, a few of them many. */
function known(seed: number, type: PackageType, fields: Package): Known {
  const random = randomOf(seed * 31 + 7);
  const count = random() < 0.82 ? 0 : Math.ceil(random() ** 3 * 5);
  return { fields, findings: Array.from({ length: count }, () => findingOf(random, type, fields)) };
}

function findingOf(random: () => number, packageType: PackageType, one: Package): Finding {
  const cve = `CVE-${2019 + Math.floor(random() * 8)}-${1000 + Math.floor(random() * 60_000)}`;
  const severity = pick<Severity>(random, ['low', 'medium', 'medium', 'high', 'high', 'critical', 'unknown']);
  const fixed = random() < 0.55;
  const published = new Date(Date.UTC(2024, 0, 1 + Math.floor(random() * 1000))).toISOString();
  const id = packageType === 'deb' ? `DEBIAN-${cve}` : `GHSA-${word(Math.floor(random() * 1e6))}`;
  return {
    id,
    kind: 'vulnerability',
    aliases: [cve],
    package: one.name,
    source: one.source.name,
    packageType,
    version: one.version,
    purl: one.purl,
    severity,
    cvss:
      severity === 'unknown'
        ? null
        : { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N', score: Math.round(random() * 100) / 10 },
    status: fixed ? 'fixed' : 'affected',
    fixedVersion: fixed ? `${one.version}.1` : null,
    kev: random() < 0.01,
    epss: Math.round(random() ** 6 * 1e5) / 1e5,
    published,
    fixedSince: fixed ? published : null,
    url: `https://osv.dev/vulnerability/${id}`,
    summary: `A flaw in ${one.source.name} when it reads ${word(Math.floor(random() * 1e6))} lets who sends it do ${word(
      Math.floor(random() * 1e6),
    )} without being asked.`,
  };
}

/** Between `least` and `most` different ones, those at the front more often. */
function draw(random: () => number, from: readonly Known[], least: number, most: number): readonly Known[] {
  const wanted = least + Math.floor(random() * (most - least));
  const chosen = new Set<Known>();
  while (chosen.size < wanted) {
    const one = from[Math.floor(random() ** 2 * from.length)];
    if (one !== undefined) chosen.add(one);
  }
  return [...chosen];
}

function pick<Value>(random: () => number, from: readonly [Value, ...Value[]]): Value {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

const syllables = [
  'ba',
  'ke',
  'lo',
  'mi',
  'nu',
  'ra',
  'se',
  'ti',
  'vo',
  'zu',
  'gra',
  'plex',
  'dor',
  'qua',
  'fen',
  'syl',
];

function word(n: number): string {
  let text = '';
  for (let left = n + 16; left > 0; left = Math.floor(left / 16)) text += syllables[left % 16] ?? '';
  return text;
}

/** Digest of nothing that exists. */
export function hexDigest(n: number): Digest {
  const random = randomOf(n + 99);
  let hex = '';
  while (hex.length < 64)
    hex += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === null) throw new Error('a made-up digest did not parse');
  return digest;
}
