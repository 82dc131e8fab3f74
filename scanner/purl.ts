import { PackageURL } from 'packageurl-js';
import { type OperatingSystem, unknownVersion } from '../core/inventory.ts';
import { caselessName } from '../core/package-name.ts';
import { normalisedPythonName } from '../core/python-name.ts';
import type { FoundPackage } from './catalogers/cataloger.ts';
import { golangPurl } from './catalogers/golang/purl.ts';

/**
 * The name of a package that tools agree on (package-url specification, and what it says of each type).
 * @param os of the image; distributions' packages have it in their names
 */
export function purlOf(found: FoundPackage, os: OperatingSystem | null): string {
  switch (found.type) {
    case 'deb':
      return systemPurl(found, os, { namespace: 'debian' });
    case 'apk':
      return systemPurl(found, os, { namespace: 'alpine' });
    case 'rpm':
      return rpmPurl(found, os);
    case 'npm':
      return npmPurl(found);
    case 'pypi':
      return new PackageURL(
        'pypi',
        null,
        normalisedPythonName(found.name),
        found.version,
        null,
        null,
      ).toString();
    case 'maven':
      return mavenPurl(found);
    case 'golang':
      return golangPurl(found);
    case 'composer':
      return composerPurl(found);
    case 'alpm':
      return systemPurl(found, os, { namespace: 'arch' });
    case 'opkg':
      return systemPurl(found, os, { namespace: null });
    case 'gem':
    case 'cargo':
    case 'nuget':
    case 'conda':
    case 'bitnami':
    case 'generic': {
      const qualifiers = { ...found.qualifiers };
      return new PackageURL(found.type, null, found.name, knownVersion(found), qualifiers, null).toString();
    }
  }
}

interface SystemParts {
  /** Where nobody says which system it is. */
  readonly namespace: string | null;
  readonly version?: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
}

/** A distribution's own package. */
function systemPurl(found: FoundPackage, os: OperatingSystem | null, parts: SystemParts): string {
  const qualifiers: Record<string, string> = { ...parts.qualifiers };
  if (found.arch !== null) qualifiers.arch = found.arch;
  if (os !== null && os.versionId !== '') qualifiers.distro = `${os.id}-${os.versionId}`;
  const version = parts.version ?? found.version;
  const namespace = os?.id ?? parts.namespace;
  return new PackageURL(found.type, namespace, found.name, version, qualifiers, null).toString();
}

/** The epoch is no part of the version there. */
function rpmPurl(found: FoundPackage, os: OperatingSystem | null): string {
  const { version, source } = found;
  const colon = version.indexOf(':');
  const upstream = `${source.name}-${source.version}.src.rpm`;
  const qualifiers = colon < 0 ? { upstream } : { epoch: version.slice(0, colon), upstream };
  return systemPurl(found, os, { namespace: null, version: version.slice(colon + 1), qualifiers });
}

/** A scope is the namespace. */
function npmPurl(found: FoundPackage): string {
  const { name } = found;
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  const [scope, bare] = slash > 0 ? [name.slice(0, slash), name.slice(slash + 1)] : [null, name];
  return new PackageURL('npm', scope, bare, knownVersion(found), {}, null).toString();
}

/** purl's type `maven` wants a group; of a jar that tells none only `generic` can be said. */
function mavenPurl(found: FoundPackage): string {
  const colon = found.name.indexOf(':');
  const group = colon < 0 ? null : found.name.slice(0, colon);
  const type = group === null ? 'generic' : 'maven';
  return new PackageURL(type, group, found.name.slice(colon + 1), knownVersion(found), null, null).toString();
}

function knownVersion({ version }: FoundPackage): string | null {
  return version === unknownVersion ? null : version;
}

/** The vendor is the namespace; a package without one is the project's own. Neither has capitals. */
function composerPurl(found: FoundPackage): string {
  const lower = caselessName(found.name);
  const slash = lower.indexOf('/');
  const vendor = slash < 0 ? null : lower.slice(0, slash);
  return new PackageURL(
    'composer',
    vendor,
    lower.slice(slash + 1),
    knownVersion(found),
    null,
    null,
  ).toString();
}
