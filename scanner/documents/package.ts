import type { Digest } from '../../core/digest.ts';
import {
  type OperatingSystem,
  type PackageType,
  packageTypes,
  systemPackageTypes,
  unknownVersion,
} from '../../core/inventory.ts';
import type { FoundPackage } from '../catalogers/cataloger.ts';
import type { Purl } from './purl.ts';

/** A package as a bill of materials tells it. */
export interface DocumentPackage extends FoundPackage {
  /** As it stands there. */
  readonly purl: string;
  readonly ownedBy?: string;
  /** Empty where the document names no files. */
  readonly paths: readonly string[];
  readonly layer: Digest | null;
  readonly changedIn?: Digest;
  readonly licenseTexts?: readonly string[];
}

const types: ReadonlySet<string> = new Set(packageTypes);

/** null: no advisories are known here for packages of this kind. */
export function packageTypeOf(type: string): PackageType | null {
  return types.has(type) ? (type as PackageType) : null;
}

/** The name by which catalogers would have told a package. */
export function nameOf({ type, namespace, name }: Purl): string {
  if (namespace === '') return name;
  switch (type) {
    case 'maven':
      return `${namespace}:${name}`;
    case 'npm':
      return `${namespace.startsWith('@') ? '' : '@'}${namespace}/${name}`;
    case 'golang':
    case 'composer':
    case 'generic':
      return `${namespace}/${name}`;
    default:
      // The distribution, or somebody's repository.
      return name;
  }
}

/** With the epoch, which package URLs of rpm have apart, and some tools' of deb. */
export function versionOf({ version, qualifiers }: Purl): string {
  if (version === '') return unknownVersion;
  const epoch = qualifiers.get('epoch') ?? '';
  return epoch === '' || epoch === '0' || version.startsWith(`${epoch}:`) ? version : `${epoch}:${version}`;
}

export type Source = FoundPackage['source'];

/**
 * The source that `upstream` names: `name`, `name@version`, or an rpm's `name-version-release.src.rpm`. Where it says no
 * version, that of the package.
 */
export function sourceOf(purl: Purl, name: string, version: string): Source {
  const upstream = purl.qualifiers.get('upstream') ?? '';
  const file = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream);
  if (file !== null) return { name: file[1] ?? name, version: file[2] ?? version };
  const at = upstream.lastIndexOf('@');
  if (at > 0) return { name: upstream.slice(0, at), version: upstream.slice(at + 1) || version };
  return { name: upstream === '' ? name : upstream, version };
}

/** `built package from: NAME VERSION`, as several tools write it into SPDX. */
export function sourceOfSentence(sentence: string): Source | null {
  const start = 'built package from: ';
  if (!sentence.startsWith(start)) return null;
  const rest = sentence.slice(start.length);
  const space = rest.lastIndexOf(' ');
  if (space <= 0 || space === rest.length - 1) return null;
  return { name: rest.slice(0, space), version: rest.slice(space + 1) };
}

export function isSystemType(type: PackageType): boolean {
  return systemPackageTypes.has(type);
}

/** What other tools call systems, where it is not os-release's ID. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['alma', 'almalinux'],
  ['amazon', 'amzn'],
  ['oracle', 'ol'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['suse linux enterprise server', 'sles'],
  ['cbl-mariner', 'mariner'],
]);

/** @param id as the document has it  @param name what a person calls it; empty: not told */
export function systemOf(id: string, versionId: string, name: string): OperatingSystem {
  const known = otherNames.get(id.toLowerCase()) ?? id;
  return { id: known, versionId, name: name === '' ? `${id} ${versionId}`.trim() : name };
}

/** `debian-12`, `opensuse-leap-15.6`, `wolfi`. */
function systemOfDistro(distro: string): OperatingSystem {
  const match = /^(.+)-([0-9][0-9A-Za-z._]*)$/.exec(distro);
  return systemOf(match?.[1] ?? distro, match?.[2] ?? '', '');
}

/** The system that the packages' URLs name, where they agree. */
export function systemOfPurls(purls: Iterable<Purl>): OperatingSystem | null {
  const distros = new Set<string>();
  for (const { type, qualifiers } of purls) {
    const known = packageTypeOf(type);
    const distro = qualifiers.get('distro') ?? '';
    if (known !== null && isSystemType(known) && distro !== '') distros.add(distro);
    if (distros.size > 1) return null;
  }
  const [only] = distros;
  return only === undefined ? null : systemOfDistro(only);
}
