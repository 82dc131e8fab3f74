import type { Incomplete, OperatingSystem, Package, PackageType } from '../core/inventory.ts';
import { readers } from './catalogers/older-release/readers.ts';
import { repositoriesFile } from './catalogers/older-release/repositories.ts';
import { osRelease } from './catalogers/os-release/index.ts';
import { windowsFiles } from './catalogers/windows/match.ts';
import type { Tree } from './tree.ts';

/**
 * The operating system of an image: the first of os-release's places counts (os-release(5)), links followed; where there
 * is none, the first of the older files that tells one.
 */
export function systemOf(tree: Tree): OperatingSystem | null {
  for (const path of osRelease.database) {
    const newest = tree.read(path).contents.at(-1);
    if (newest === undefined) continue;
    const os = newest.facts?.os ?? null;
    return os === null ? null : byRepositories(os, tree);
  }
  for (const path of readers.keys()) {
    const os = told(tree, path);
    if (os !== null) return byRepositories(os, tree);
  }
  for (const path of windowsFiles) {
    const os = told(tree, path);
    if (os !== null) return os;
  }
  return null;
}

function told(tree: Tree, path: string): OperatingSystem | null {
  return tree.read(path).contents.at(-1)?.facts?.os ?? null;
}

/** A snapshot of Alpine that draws from a release's repositories is that release; without a number it is what they are. */
function byRepositories(os: OperatingSystem, tree: Tree): OperatingSystem {
  if (os.id !== 'alpine' || !/^(?:$|edge)|_alpha/.test(os.versionId)) return os;
  const release = told(tree, repositoriesFile)?.versionId;
  if (release === undefined || (release === 'edge' && os.versionId !== '')) return os;
  return { ...os, versionId: release };
}

/** By os-release's ID. */
const rpmSystems = [
  ...['almalinux', 'rocky', 'rhel', 'centos', 'fedora', 'ol', 'amzn', 'scientific', 'cloudlinux'],
  ...['eurolinux', 'opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'opensuse-microos', 'sles', 'sled'],
  ...['sle-micro', 'sl-micro', 'mariner', 'azurelinux', 'photon', 'openeuler', 'anolis', 'mageia'],
  ...['openmandriva'],
];
const pacmanSystems = ['arch', 'archarm', 'manjaro', 'endeavouros', 'artix', 'cachyos', 'steamos'];

/** Systems that always have packages of one of these kinds; without any, the list is gone and not the packages. */
const ownPackages: ReadonlyMap<string, readonly PackageType[]> = new Map<string, readonly PackageType[]>([
  ['debian', ['deb']],
  ['ubuntu', ['deb']],
  ['alpine', ['apk']],
  ['wolfi', ['apk']],
  ['chainguard', ['apk']],
  // OpenWrt went from the one to the other.
  ['openwrt', ['opkg', 'apk']],
  ...rpmSystems.map((id): [string, readonly PackageType[]] => [id, ['rpm']]),
  ...pacmanSystems.map((id): [string, readonly PackageType[]] => [id, ['alpm']]),
]);

/** Catalogers that read, or at least find, what a system's own package manager wrote. */
const systemCatalogers = new Set(['deb', 'apk', 'rpm', 'pacman', 'opkg', 'unsupported']);

/**
 * Of an image without a known system: whether there is nothing of one either, neither a release file, nor a package
 * manager's list, nor the C library that programs would need.
 */
export function isBare(tree: Tree, files: readonly { readonly cataloger: string }[]): boolean {
  if (files.some((one) => systemCatalogers.has(one.cataloger) || one.cataloger === osRelease.name))
    return false;
  for (const path of osRelease.database) if (tree.isLink(path)) return false;
  for (const { contents } of tree.files()) if (contents.at(-1)?.facts?.cLibrary === true) return false;
  return true;
}

/** Where a system tells of none of its own packages. */
export function missingPackages(
  os: OperatingSystem | null,
  packages: readonly Package[],
  files: readonly { readonly cataloger: string }[],
): Incomplete[] {
  // Windows is unfit as a whole.
  if (os === null || os.id === 'windows') return [];
  const types = ownPackages.get(os.id);
  if (types === undefined) {
    if (files.some((one) => systemCatalogers.has(one.cataloger))) return [];
    return [
      { what: 'packages', why: `this is ${os.name}, but it has no package database that is known here` },
    ];
  }
  if (packages.some((one) => types.includes(one.type))) return [];
  const kind = types.join(' or ');
  return [
    { what: `${kind} packages`, why: `this is ${os.name}, but no database lists a single ${kind} package` },
  ];
}
