import { unknownVersion } from '../../../core/inventory.ts';
import type { FoundPackage } from '../cataloger.ts';
import { bundleLicenses } from './bundle-license.ts';
import type { NamedArchive } from './file-name.ts';

/** What a `pom.properties`, a `pom.xml` or, without version, their place says. */
export interface Descriptor {
  readonly group: string;
  readonly artifact: string;
  readonly version: string | null;
  readonly licenses: readonly string[];
}

/** What an archive says of itself. */
export interface Identity {
  readonly descriptors: readonly Descriptor[];
  readonly manifest: ReadonlyMap<string, string>;
  readonly file: NamedArchive;
  /** Whether there are classes in it, so that it can run at all. */
  readonly hasClasses: boolean;
}

type Coordinates = Pick<FoundPackage, 'name' | 'version' | 'source' | 'licenses'>;

/**
 * The packages that an archive is made of: one for each of Maven's descriptors, because shaded archives have those of
 * everything in them; and one for the archive itself where none of these is its own. What tells no group is called by
 * its artifact alone, what tells no version has an unknown one: both can still be meant by an advisory
 * (advisories/match/maven.ts), so neither is left out. Only what has neither classes nor coordinates tells nothing.
 */
export function packagesOf({ descriptors, manifest, file, hasClasses }: Identity): readonly Coordinates[] {
  const own = ownVersion(manifest, file);
  const ownLicenses = bundleLicenses(manifest.get('bundle-license') ?? '');
  const packages = descriptors.map((one): Coordinates => {
    const isItself = isOwn(one, file, descriptors.length);
    const version = one.version ?? (isItself ? own : null) ?? unknownVersion;
    const licenses = one.licenses.length === 0 && isItself ? ownLicenses : one.licenses;
    return coordinates(`${one.group}:${one.artifact}`, version, licenses);
  });
  // Many descriptors in a file without a version in its name: which is its own cannot be told.
  const named = descriptors.some((one) => isOwn(one, file, descriptors.length));
  if (named || !hasClasses || (descriptors.length > 0 && file.version === null)) return packages;
  const group = manifest.get('group-id') ?? '';
  const artifact = manifest.get('artifact-id') ?? manifest.get('short-name') ?? '';
  const version = own ?? unknownVersion;
  // Jenkins' plugins say both.
  if (artifactName.test(group) && artifactName.test(artifact)) {
    return [...packages, coordinates(`${group}:${artifact}`, version, ownLicenses)];
  }
  return [...packages, coordinates(file.name, version, ownLicenses, otherName(manifest) ?? file.name)];
}

/** Some tools put the group before the artifact in a file's name. */
function isOwn(
  { artifact }: Descriptor,
  { stem, name, version }: NamedArchive,
  descriptors: number,
): boolean {
  const alike =
    stem === artifact || name === artifact || name.endsWith(`.${artifact}`) || name.endsWith(`-${artifact}`);
  return alike || (version === null && descriptors === 1);
}

function coordinates(
  name: string,
  version: string,
  licenses: readonly string[],
  source: string = name,
): Coordinates {
  return { name, version, source: { name: source, version }, licenses };
}

/** No version has blanks; `${project.version}` was never filled in. */
function usable(text: string | null | undefined): string | null {
  return text === undefined || text === null || /^$|[\s${}\p{Surrogate}]/u.test(text) ? null : text;
}

/** The file's name first: it is Maven's own, while manifests also hold build numbers and the versions of products. */
function ownVersion(manifest: ReadonlyMap<string, string>, file: NamedArchive): string | null {
  if (file.version !== null) return file.version;
  for (const attribute of ['implementation-version', 'bundle-version', 'plugin-version']) {
    const version = usable(manifest.get(attribute));
    if (version !== null) return version;
  }
  return null;
}

/** A name of an artifact or a group, not of a product, which often has several words. */
const artifactName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const otherNames = ['bundle-symbolicname', 'automatic-module-name', 'implementation-title'];

/** What the archive is called in other systems: `org.apache.tomcat-catalina` for OSGi (Core, 3.2.2). */
function otherName(manifest: ReadonlyMap<string, string>): string | null {
  const names = otherNames.map((key) => manifest.get(key)?.split(';', 1)[0]?.trim() ?? '');
  return names.find((name) => artifactName.test(name)) ?? null;
}
