import { PackageURL } from 'packageurl-js';
import { type Package, type PackageType, packageTypes } from '../../../core/inventory.ts';
import { normalisedPythonName } from '../../../core/python-name.ts';
import { must } from '../../../test/e2e/support/run.ts';
import type { Listed } from './listed.ts';

interface Component {
  readonly purl?: string;
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
  return { listed: distinct(allOf(components).map(({ purl = '' }) => listedOf(purl))), seconds };
}

/** An inventory in the same words. */
export function inPurls(packages: readonly Package[]): readonly Listed[] {
  return distinct(packages.map(({ purl }) => listedOf(purl)));
}

function allOf(components: readonly Component[]): Component[] {
  return components.flatMap((one) => [one, ...allOf(one.components ?? [])]);
}

function isType(text: string): text is PackageType {
  return (packageTypes as readonly string[]).includes(text);
}

/** Of a purl of another type, or of none, nothing can be said here. */
function listedOf(purl: string): Listed | null {
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
  };
}

function distinct(listed: readonly (Listed | null)[]): readonly Listed[] {
  const all = new Map<string, Listed>();
  for (const one of listed) if (one !== null) all.set(`${one.type}\t${one.name}\t${one.version}`, one);
  return [...all.values()];
}
