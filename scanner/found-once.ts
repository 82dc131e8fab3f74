import { type Package, type PackageType, systemPackageTypes } from '../core/inventory.ts';
import { parentOf } from './archive/tar-path.ts';

/** Paths that are named of one program: hundreds may be links to it. */
const mostPaths = 20;
/** Versions of one name in one folder of documents; Bitnami has one. */
const mostVersions = 20;

/**
 * What several have told of the same things, each once.
 * @param found by catalogers and probers, owners told
 * @param documented in bills of materials within the image (catalogers/sbom), which say what others find by themselves
 */
export function foundOnce(found: readonly Package[], documented: readonly Package[]): Package[] {
  const bitnami = bitnamiFolders(documented);
  const programs = new Map<string, Package>();
  const packages: Package[] = [];
  for (const one of found) {
    if (one.type !== 'generic') packages.push(one);
    // The distribution's program has its patches, of which its own version tells nothing.
    else if (one.ownedBy === undefined && !isBitnamis(one, bitnami)) addProgram(programs, one);
  }
  for (const one of programs.values()) packages.push(one);
  const types = new Set(packages.map(({ type }) => type).filter((type) => systemPackageTypes.has(type)));
  const known = new Set(packages.map(keyOf));
  return [...packages, ...documented.filter((one) => !isFound(one, types, known))];
}

/** A program under several names, copied or linked, and a library in two files of one version. */
function addProgram(programs: Map<string, Package>, one: Package): void {
  const key = `${keyOf(one)}\n${one.layer ?? ''}`;
  const known = programs.get(key);
  const paths = new Set([...(known?.paths ?? []), ...one.paths]);
  programs.set(key, { ...(known ?? one), paths: [...paths].sort().slice(0, mostPaths) });
}

/** The database of a distribution's packages has the word on them: what it does not list is not installed any more. */
function isFound(one: Package, types: ReadonlySet<PackageType>, known: ReadonlySet<string>): boolean {
  return systemPackageTypes.has(one.type) ? types.has(one.type) : known.has(keyOf(one));
}

function keyOf({ type, name, version }: Package): string {
  return `${type}\n${name}\n${version}`;
}

/** The versions of Bitnami's packages by the folder of the document that tells them, then by their name. */
type BitnamiFolders = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

function bitnamiFolders(documented: readonly Package[]): BitnamiFolders {
  const folders = new Map<string, Map<string, string[]>>();
  for (const { type, name, version, paths } of documented) {
    if (type !== 'bitnami') continue;
    const folder = parentOf(paths[0] ?? '');
    const names = folders.get(folder) ?? new Map<string, string[]>();
    folders.set(folder, names);
    const versions = names.get(plainName(name));
    if (versions === undefined) names.set(plainName(name), [version]);
    else if (versions.length < mostVersions) versions.push(version);
  }
  return folders;
}

/**
 * Whether a program is what a document in a folder above it has told under Bitnami's version. A document that tells another
 * version is about something else, whoever wrote it.
 */
function isBitnamis({ name, version, paths }: Package, folders: BitnamiFolders): boolean {
  if (folders.size === 0) return false;
  const plain = plainName(name);
  return paths.every((path) => {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
      const versions = folders.get(folder)?.get(plain);
      if (versions?.some((one) => isMadeFrom(one, version)) === true) return true;
    }
    return false;
  });
}

/** Whether Bitnami's version is one of this version: `16.2.0-4` of `16.2`, `17.0.10-13-0` of `17.0.10`. */
function isMadeFrom(bitnamis: string, version: string): boolean {
  const parts = partsOf(bitnamis);
  return partsOf(version).every((part, at) => parts[at] === part);
}

function partsOf(version: string): readonly string[] {
  return version.toLowerCase().match(/[0-9]+|[a-z]+/g) ?? [];
}

/** Bitnami has some programs in several makes. */
function plainName(name: string): string {
  const full = name.replace(/-min$/, '');
  return full === 'jre' ? 'java' : full;
}
