import { type Package, type PackageType, systemPackageTypes } from '../core/inventory.ts';
import { parentOf } from './archive/tar-path.ts';

/** Paths that are named of one program: hundreds may be links to it. */
const mostPaths = 20;

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
  packages.push(...programs.values());
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

/** The folder of each of Bitnami's documents, with the names of Bitnami's packages in it. */
function bitnamiFolders(documented: readonly Package[]): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>();
  for (const { type, name, paths } of documented) {
    if (type !== 'bitnami') continue;
    const folder = parentOf(paths[0] ?? '');
    const names = folders.get(folder) ?? new Set();
    folders.set(folder, names.add(plainName(name)));
  }
  return folders;
}

/** Whether a program is what a document in a folder above it has told under Bitnami's version. */
function isBitnamis({ name, paths }: Package, folders: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (folders.size === 0) return false;
  const plain = plainName(name);
  return paths.every((path) => {
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) {
      if (folders.get(folder)?.has(plain) === true) return true;
    }
    return false;
  });
}

/** Bitnami has some programs in several makes. */
function plainName(name: string): string {
  const full = name.replace(/-min$/, '');
  return full === 'jre' ? 'java' : full;
}
