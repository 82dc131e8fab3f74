import { PackageURL } from 'packageurl-js';
import { type Package, type PackageType, packageTypes } from '../../../core/inventory.ts';
import { normalisedPythonName } from '../../../core/python-name.ts';
import { must } from '../../../test/e2e/support/run.ts';
import type { Listed } from './listed.ts';

interface Component {
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

/** What another SBOM generator, a Trivy with CycloneDX as its output, says of a root; each name and version once. */
export async function generated(
  program: string,
  root: string,
  cache: string,
): Promise<{ readonly listed: readonly Listed[]; readonly seconds: number }> {
  const started = performance.now();
  const args = [
    'rootfs',
    '--cache-dir',
    cache,
    '--offline-scan',
    '--skip-db-update',
    '--skip-java-db-update',
  ];
  const text = await must(program, [...args, '--quiet', '--format', 'cyclonedx', root]);
  const seconds = (performance.now() - started) / 1000;
  const { components = [] } = JSON.parse(text) as Component;
  return {
    listed: distinct(allOf(components).map((one) => listedOf(one.purl ?? '', placeIn(one)))),
    seconds,
  };
}

/** An inventory in the same words; the note is where each lies, or which package of the distribution's brought it. */
export function inPurls(packages: readonly Package[]): readonly Listed[] {
  // What lies somewhere by itself is not owned, whatever lies elsewhere.
  const owned = packages.filter(({ ownedBy }) => ownedBy !== undefined);
  const others = packages.filter(({ ownedBy }) => ownedBy === undefined);
  return distinct([
    ...owned.map(({ purl, ownedBy }) => listedOf(purl, `${ownedNote}${ownedBy ?? ''}`)),
    ...others.map(({ purl, paths }) => listedOf(purl, paths[0] ?? '')),
  ]);
}

/** What the note of an owned package begins with. */
export const ownedNote = 'owned by ';

/** The file that told it, where the generator says so. */
function placeIn({ properties = [] }: Component): string {
  return properties.find(({ name }) => name === 'aquasecurity:trivy:FilePath')?.value ?? '';
}

function allOf(components: readonly Component[]): Component[] {
  return components.flatMap((one) => [one, ...allOf(one.components ?? [])]);
}

function isType(text: string): text is PackageType {
  return (packageTypes as readonly string[]).includes(text);
}

/** Of a purl of another type, or of none, nothing can be said here. */
function listedOf(purl: string, note: string): Listed | null {
  if (purl === '') return null;
  const { type, namespace, name, version, qualifiers } = PackageURL.fromString(purl);
  if (!isType(type)) return null;
  const isSystems = type === 'deb' || type === 'apk' || type === 'rpm';
  const epoch = qualifiers?.epoch === undefined || qualifiers.epoch === '0' ? '' : `${qualifiers.epoch}:`;
  const separator = type === 'maven' ? ':' : '/';
  const full = isSystems || namespace == null ? name : `${namespace}${separator}${name}`;
  return {
    type,
    name: type === 'pypi' ? normalisedPythonName(full) : full,
    version: `${epoch}${version ?? ''}`,
    detail: '',
    place: '',
    note,
  };
}

function distinct(listed: readonly (Listed | null)[]): readonly Listed[] {
  const all = new Map<string, Listed>();
  for (const one of listed) if (one !== null) all.set(`${one.type}\t${one.name}\t${one.version}`, one);
  return [...all.values()];
}
