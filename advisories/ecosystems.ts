import type { OperatingSystem, Package, PackageType } from '../core/inventory.ts';
import { type PackageClass, packageClass } from '../core/match.ts';
import { openSuseLeap, type SuseProducts, suseEnterprise, suseMicro } from './suse.ts';

/** Which advisories speak of packages of one type on one system. */
export interface EcosystemOf {
  /** In OSV's words, release included where there are releases: `Debian:12`, `npm`. */
  readonly ecosystem: string;
  /** OSV's suffix (`12`, `22.04:LTS`, `v3.19`, `edge`); null for an ecosystem without releases, or not known. */
  readonly release: string | null;
  /**
   * Where the feed files a release, or a kind of package, under several repositories, their names instead: those that
   * every system draws from, which have to be covered, and others that are asked too.
   */
  readonly parts?: { readonly always: readonly string[]; readonly sometimes: readonly string[] };
  /** False: no advisories can be named for it, so it is not covered whatever the index holds. */
  readonly known: boolean;
}

const unknownTo = (ecosystem: string): EcosystemOf => ({ ecosystem, release: null, known: false });
const released = (family: string, release: string | null): EcosystemOf =>
  release === null ? unknownTo(family) : { ecosystem: `${family}:${release}`, release, known: true };
const unreleased = (ecosystem: string): EcosystemOf => ({ ecosystem, release: null, known: true });

/** `12`, `3.1`: testing and sid have no VERSION_ID. */
function debianRelease(versionId: string): string | null {
  return /^[0-9]{1,3}(?:\.[0-9]{1,3})?$/.test(versionId) ? versionId : null;
}

/** Every second April is a long-term release, and OSV says so in its name. */
function ubuntuRelease(versionId: string): string | null {
  const match = /^([0-9]{2})\.([0-9]{2})$/.exec(versionId);
  if (match === null) return null;
  return match[2] === '04' && Number(match[1]) % 2 === 0 ? `${versionId}:LTS` : versionId;
}

/** `3.19.4` is `v3.19`; a snapshot of edge is named after the release to come (`3.21.0_alpha20240923`). */
function alpineRelease(versionId: string): string | null {
  if (versionId === 'edge' || versionId.includes('_alpha')) return 'edge';
  const match = /^([0-9]{1,3}\.[0-9]{1,3})(?:[._]|$)/.exec(versionId);
  return match?.[1] === undefined ? null : `v${match[1]}`;
}

/** The release of systems whose minor releases follow each other: `9.3` and `9` are `9`. */
function majorRelease(versionId: string): string | null {
  return /^([0-9]{1,3})(?:\.[0-9]{1,3})*$/.exec(versionId)?.[1] ?? null;
}

const repositories: readonly string[] = [
  'baseos',
  'appstream',
  'crb',
  'highavailability',
  'nfv',
  'realtime',
  'resilientstorage',
  'sap',
  'sap_hana',
  'supplementary',
];

/**
 * Red Hat's feeds have a name of CPE style for each repository. What is not fixed yet is filed under the release alone.
 * The repositories that every system draws from have to be covered; releases before 8 had kinds of systems instead.
 */
function redHat(versionId: string): EcosystemOf {
  const release = majorRelease(versionId);
  if (release === null || !['7', '8', '9', '10'].includes(release)) return unknownTo('Red Hat');
  const name = `Red Hat:enterprise_linux:${release}`;
  const of = (repository: string): string => `${name}::${repository}`;
  const always = release === '7' ? ['server'] : ['baseos', 'appstream'];
  const sometimes =
    release === '7'
      ? ['client', 'computenode', 'workstation']
      : repositories.filter((one) => !always.includes(one));
  return {
    ...released('Red Hat', `enterprise_linux:${release}`),
    parts: {
      always: always.map(of),
      // The support of 7 ended, but for those who pay for more: there is no other word on it any more.
      sometimes: [name, ...sometimes.map(of), ...(release === '7' ? ['Red Hat:rhel_els:7'] : [])],
    },
  };
}

function suse(family: string, products: SuseProducts | null): EcosystemOf {
  if (products === null) return unknownTo(family);
  const { release, always, sometimes } = products;
  return { ecosystem: always[0] ?? family, release, parts: { always, sometimes }, known: true };
}

/** Releases from 2022 on are named after the year; those before were `2018.03` and have no support any more. */
function amazonRelease(versionId: string): string | null {
  return versionId === '2' || /^20[2-9]\d$/.test(versionId) ? versionId : null;
}

/** What the system calls itself, where no feed is known to speak of it. */
function nameOf(os: OperatingSystem): string {
  return os.versionId === '' ? os.id : `${os.id}:${os.versionId}`;
}

interface Distribution {
  readonly type: PackageType;
  readonly ecosystem: (versionId: string) => EcosystemOf;
}

/** By os-release's ID alone: what is only ID_LIKE has versions of its own (docs/adr/0003-coverage.md). */
const distributions: ReadonlyMap<string, Distribution> = new Map([
  ['debian', { type: 'deb', ecosystem: (id: string) => released('Debian', debianRelease(id)) }],
  ['ubuntu', { type: 'deb', ecosystem: (id: string) => released('Ubuntu', ubuntuRelease(id)) }],
  ['alpine', { type: 'apk', ecosystem: (id: string) => released('Alpine', alpineRelease(id)) }],
  ['wolfi', { type: 'apk', ecosystem: () => unreleased('Wolfi') }],
  ['almalinux', { type: 'rpm', ecosystem: (id: string) => released('AlmaLinux', majorRelease(id)) }],
  ['rocky', { type: 'rpm', ecosystem: (id: string) => released('Rocky Linux', majorRelease(id)) }],
  ['rhel', { type: 'rpm', ecosystem: redHat }],
  ['chainguard', { type: 'apk', ecosystem: () => unreleased('Chainguard') }],
  ['ol', { type: 'rpm', ecosystem: (id: string) => released('Oracle Linux', majorRelease(id)) }],
  ['amzn', { type: 'rpm', ecosystem: (id: string) => released('Amazon Linux', amazonRelease(id)) }],
  ['sles', { type: 'rpm', ecosystem: (id: string) => suse('SUSE', suseEnterprise(id)) }],
  ['sled', { type: 'rpm', ecosystem: (id: string) => suse('SUSE', suseEnterprise(id)) }],
  ['sle-micro', { type: 'rpm', ecosystem: (id: string) => suse('SUSE', suseMicro(id)) }],
  ['sl-micro', { type: 'rpm', ecosystem: (id: string) => suse('SUSE', suseMicro(id)) }],
  ['opensuse-leap', { type: 'rpm', ecosystem: (id: string) => suse('openSUSE', openSuseLeap(id)) }],
  ['opensuse-tumbleweed', { type: 'rpm', ecosystem: () => released('openSUSE', 'Tumbleweed') }],
]);

/** Under which names of the index advisories are to be looked for. */
export function namesOf(of: EcosystemOf): readonly string[] {
  return of.parts === undefined ? [of.ecosystem] : [...of.parts.always, ...of.parts.sometimes];
}

/** The advisories of the system's own packages. */
export function ecosystemOfSystem(os: OperatingSystem): EcosystemOf {
  return distributions.get(os.id)?.ecosystem(os.versionId) ?? unknownTo(nameOf(os));
}

/** By the family's name in OSV, the os-release ID of its system. */
const systems: ReadonlyMap<string, string> = new Map([
  ['Debian', 'debian'],
  ['Ubuntu', 'ubuntu'],
  ['Alpine', 'alpine'],
  ['AlmaLinux', 'almalinux'],
  ['Rocky Linux', 'rocky'],
]);

/** The system whose packages an ecosystem is about (`Debian:12`); null: none, or its name does not tell the release. */
export function systemOfEcosystem(ecosystem: string): Pick<OperatingSystem, 'id' | 'versionId'> | null {
  const [family = '', release = ''] = ecosystem.split(':');
  const id = systems.get(family);
  const versionId = /^v?([0-9.]+)$/.exec(release)?.[1];
  return id === undefined || versionId === undefined ? null : { id, versionId };
}

/** What speaks of packages that are the same on every system; null: they are the system's own. */
const systemless: Readonly<Record<Exclude<PackageType, 'conda'>, string | null>> = {
  deb: null,
  apk: null,
  rpm: null,
  npm: 'npm',
  golang: 'Go',
  pypi: 'PyPI',
  maven: 'Maven',
  gem: 'RubyGems',
  cargo: 'crates.io',
  composer: 'Packagist',
  nuget: 'NuGet',
  alpm: null,
  opkg: null,
  bitnami: 'Bitnami',
  // Programs as their projects release them, of which Bitnami's advisories speak by the project's own versions.
  generic: 'Bitnami',
};

/** Drupal's own repository of modules and themes, of which OSV files the advisories apart. */
const drupal = 'Packagist:https://packages.drupal.org/8';
/** Drupal itself is on packagist.org, what extends it is not: both have to be covered. */
const ofDrupal: EcosystemOf = {
  ...unreleased(drupal),
  parts: { always: ['Packagist', drupal], sometimes: [] },
};

/** The advisories that a package belongs to on a system (null: none was recognised). */
export function ecosystemOf(os: OperatingSystem | null, one: Pick<Package, 'type' | 'name'>): EcosystemOf {
  return ecosystemOfClass(os, packageClass(one));
}

/** The same, of all packages of a class. */
export function ecosystemOfClass(os: OperatingSystem | null, type: PackageClass): EcosystemOf {
  if (type === 'drupal') return ofDrupal;
  // No feed speaks of conda's packages.
  if (type === 'conda') return unknownTo(type);
  if (type === 'unspoken') return unknownTo('generic');
  const anywhere = systemless[type];
  if (anywhere !== null) return unreleased(anywhere);
  if (os === null) return unknownTo(type);
  const distribution = distributions.get(os.id);
  if (distribution === undefined) return unknownTo(nameOf(os));
  // A Debian package on Alpine was built for a system that nobody names.
  return distribution.type === type ? distribution.ecosystem(os.versionId) : unknownTo(type);
}
