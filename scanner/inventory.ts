import type { Digest } from '../core/digest.ts';
import type { ImageConfig } from '../core/image.ts';
import {
  type Incomplete,
  type Inventory,
  type OperatingSystem,
  type Package,
  systemPackageTypes,
} from '../core/inventory.ts';
import { analyzersOf } from './analyzers.ts';
import { parentOf } from './archive/tar-path.ts';
import { attribution } from './attribution.ts';
import { type Cataloger, type FoundPackage, onlyIncomplete } from './catalogers/cataloger.ts';
import { catalogers, noteOf } from './catalogers/index.ts';
import { sbom } from './catalogers/sbom/index.ts';
import { checked } from './checks/image.ts';
import { foundOnce } from './found-once.ts';
import { imageFacts } from './image-facts.ts';
import type { LayerAnalysis } from './layer.ts';
import { createLicenseReader } from './licenses/index.ts';
import { overlay } from './overlay.ts';
import { Owners } from './ownership.ts';
import { purlOf } from './purl.ts';
import { tellsTheSame } from './same-package.ts';
import { defaultScanSettings, type ScanSettings } from './settings.ts';
import { isBare, missingPackages, systemOf } from './system.ts';
import type { Content, Tree } from './tree.ts';

/**
 * Merges layers (lowest first) into what the image contains. `unfit` is passed through: what is wrong with the
 * image as a whole is known to the caller. `content` is `artifact` when no layer is an archive.
 */
export function buildInventory(options: {
  readonly layers: readonly { readonly digest: Digest | null; readonly analysis: LayerAnalysis }[];
  readonly config: ImageConfig | null;
  readonly unfit: readonly string[];
  /** Those that the layers were analysed with. */
  readonly settings?: ScanSettings;
}): Inventory {
  const { layers, config, unfit, settings = defaultScanSettings } = options;
  const overlaid = layers.map(({ digest, analysis }) => ({ digest, events: analysis.events }));
  const tree = overlay(overlaid);
  const os = systemOf(tree);
  const { files, traces } = filesOfNote(tree);
  const unowned: Package[] = [];
  /** By bills of materials in the image. */
  const documented: Package[] = [];
  /** The layer that each file is from, as it stands. */
  const layerOfFile = new Map<string, Digest | null>();
  const incomplete: Incomplete[] = [];
  const licensesOf = createLicenseReader();
  for (const { path, contents } of files) {
    const attributed = attribution(contents);
    const cataloger = catalogerOf(contents.at(-1)?.cataloger);
    const told = cataloger === sbom ? documented : unowned;
    layerOfFile.set(path, contents.at(-1)?.layer ?? null);
    for (const one of contents.at(-1)?.facts?.incomplete ?? []) incomplete.push(one);
    for (const found of contents.at(-1)?.facts?.packages ?? []) {
      const { within, alsoAt, besideCopies, qualifiers: _, ...own } = found;
      if (alsoAt?.some((other) => tellsTheSame(tree, other, found)) === true) continue;
      if (besideCopies === true && !tree.hasFoldersBeside(path)) continue;
      const paths = [within === undefined ? path : `${path}!/${within}`];
      const noted = withNotes(own, cataloger?.notesAt?.(path, found), tree);
      const licenses = licensesOf(found.type, noted.licenses);
      told.push({ ...noted, ...licenses, purl: purlOf(found, os), ...attributed(found), paths });
    }
  }
  const owners = new Owners(overlaid, tree, unowned);
  const found = withOwners(unowned, owners, layerOfFile);
  const { facts, left } = imageFacts(config);
  incomplete.push(
    ...left,
    ...missingDatabases(files, traces),
    ...missingPackages(os, found, files),
    ...strayFolders(tree),
  );
  // Asked of the tree for the last time before it is asked whether it has given up.
  const checks = checked({ layers, config, facts, tree, owners, settings });
  if (tree.gaveUp)
    incomplete.push({ what: 'symbolic links', why: 'they lead over too many others to be followed' });
  return {
    os,
    ...(os === null && traces.size === 0 && isBare(tree, files) ? { bare: true } : {}),
    platform: config?.platform ?? null,
    packages: sorted(foundOnce(found, documented)),
    incomplete: incomplete.sort((a, b) => compare(a.what, b.what)),
    unfit: [...unfit, ...windowsUnfit(os, config)],
    analyzers: analyzersOf(settings),
    content: layers.some(({ analysis }) => analysis.tar) ? 'image' : 'artifact',
    facts,
    ...checks,
  };
}

/** With what another file says of it. */
function withNotes<T extends Pick<FoundPackage, 'licenses' | 'source'>>(
  found: T,
  at: string | undefined,
  tree: Tree,
): T {
  const notes = at === undefined ? undefined : tree.read(at).contents.at(-1)?.facts?.notes;
  if (notes === undefined) return found;
  const { licenses, source = found.source.name } = notes;
  return { ...found, licenses: [...found.licenses, ...licenses], source: { ...found.source, name: source } };
}

function windowsUnfit(os: OperatingSystem | null, config: ImageConfig | null): string[] {
  const isWindows = os?.id === 'windows' || config?.platform.os.toLowerCase() === 'windows';
  return isWindows
    ? ['it is an image of Windows, which is not supported: none of what its layers hold can be told']
    : [];
}

/** With the distribution's package that brought all files of each, where one did. */
function withOwners(
  packages: readonly Package[],
  owners: Owners,
  layerOfFile: ReadonlyMap<string, Digest | null>,
): Package[] {
  return packages.map((one) => {
    if (systemPackageTypes.has(one.type)) return one;
    const names = one.paths.map((path) => {
      const [file = ''] = path.split('!/', 1);
      return owners.of(file, layerOfFile.get(file) ?? null);
    });
    const [ownedBy = null] = names;
    return ownedBy !== null && names.every((name) => name === ownedBy) ? { ...one, ownedBy } : one;
  });
}

interface FileOfNote {
  readonly path: string;
  readonly cataloger: string;
  readonly contents: readonly Content[];
}

/** Files where catalogers look for them, and those that links lead to from there. */
function filesOfNote(tree: Tree): { readonly files: FileOfNote[]; readonly traces: Map<string, string> } {
  const files: FileOfNote[] = [];
  const traces = new Map<string, string>();
  const linked = linkedFolders(tree);
  for (const { path, contents } of tree.files()) {
    const newest = contents.at(-1);
    if (newest === undefined) continue;
    const { cataloger, facts } = newest;
    if (facts === null) traces.set(cataloger, path);
    else if (
      isOfNote(path, cataloger) ||
      linked.has(path) ||
      foldersAbove(path).some((one) => linked.has(one))
    ) {
      files.push({ path, cataloger, contents });
    }
  }
  for (const { name, database, match } of catalogers) {
    for (const path of database) {
      const { contents, linkedTo } = tree.read(path);
      if (linkedTo === null || match(linkedTo) !== null) continue;
      // What another cataloger has read there says nothing about this database.
      if (contents.at(-1)?.cataloger === name) files.push({ path, cataloger: name, contents });
      // Where just a folder above is a link, a file that is there was a candidate and has been read.
      else if (contents.length > 0 || linkedTo === '' || tree.isLink(path))
        files.push(unreadLink(path, name, linkedTo));
    }
  }
  const known = new Set(files.map(({ path }) => path));
  // Calls have no room for as many as there may be.
  return { files: [...files, ...throughLinks(tree, known)], traces };
}

/**
 * Links at places of note, databases aside: candidates that they lead to, and links to nothing that was read.
 * @param known paths that count already
 */
function throughLinks(tree: Tree, known: Set<string>): FileOfNote[] {
  const files: FileOfNote[] = [];
  for (const path of tree.links()) {
    const cataloger = catalogers.find((one) => one.match(path)?.kind === 'content');
    if (cataloger === undefined || cataloger.database.includes(path)) continue;
    const { contents, linkedTo } = tree.read(path);
    // A file there would have been read by the same cataloger, so there is none, or a folder.
    const there = linkedTo === null ? null : noteOf(linkedTo);
    if (linkedTo !== null && there?.cataloger === cataloger && there.interest.kind === 'content') {
      const isRead = contents.at(-1)?.cataloger === cataloger.name;
      if (there.candidate && isRead && !known.has(linkedTo)) {
        known.add(linkedTo);
        files.push({ path: linkedTo, cataloger: cataloger.name, contents });
      }
      continue;
    }
    // What another one has read there says nothing about what this one would have.
    if (contents.at(-1)?.cataloger !== cataloger.name)
      files.push(unreadLink(path, cataloger.name, linkedTo ?? ''));
  }
  return files;
}

function catalogerOf(name: string | undefined): Cataloger | undefined {
  return catalogers.find((one) => one.name === name);
}

/** Told by the cataloger itself, or told of a file that no cataloger was asked about. */
function isOfNote(path: string, name: string): boolean {
  const cataloger = catalogerOf(name);
  return cataloger === undefined || cataloger.match(path) !== null;
}

function unreadLink(path: string, cataloger: string, target: string): FileOfNote {
  const facts = onlyIncomplete(path, `a symbolic link leads to "${target}", which was not read`);
  return { path, cataloger, contents: [{ cataloger, facts, layer: null }] };
}

/**
 * Where links lead from places at which Node looks for packages: `node_modules`, `node_modules/@scope`, a
 * package's folder, or its package.json; and on from there, where links lie in what such a link leads to.
 */
function linkedFolders(tree: Tree): ReadonlySet<string> {
  const links = [...tree.links()];
  const targets = new Set<string>();
  const seen = new Set<string>();
  const waiting: (readonly [target: string, place: readonly string[]])[] = [];
  const follow = (path: string, place: readonly string[]): void => {
    const target = place.length > 3 ? '' : (tree.read(path).linkedTo ?? '');
    if (target === '') return;
    targets.add(target);
    // What lies there counts by what leads to it: a `node_modules`, a scope, or a package.
    const key = `${place.length === 0 ? 0 : isScope(place) ? 1 : 2} ${target}`;
    if (place.length < 3 && !seen.has(key)) waiting.push([target, place]);
    seen.add(key);
  };
  for (const path of links) {
    const parts = path.split('/');
    const at = parts.lastIndexOf('node_modules');
    if (at >= 0) follow(path, parts.slice(at + 1));
  }
  const below = waiting.length === 0 ? new Map<string, string[]>() : byFolder(links);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [target, place] = next;
    for (const path of below.get(target) ?? []) {
      const inner = [...place, ...path.slice(target.length + 1).split('/')];
      // Another node_modules within counts by itself, and what else lies deep in a package is its own matter.
      if (isPlaceOfPackage(inner)) follow(path, inner);
    }
  }
  return targets;
}

function isScope([first = '', ...rest]: readonly string[]): boolean {
  return rest.length === 0 && first.startsWith('@');
}

/** Of names below a `node_modules`: a scope, a package, or its package.json. */
function isPlaceOfPackage([first = '', ...rest]: readonly string[]): boolean {
  const inPackage = first.startsWith('@') ? rest.slice(1) : rest;
  return inPackage.length === 0 || (inPackage.length === 1 && inPackage[0] === 'package.json');
}

/** Links by each of the three folders above them. */
function byFolder(links: readonly string[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const path of links) {
    let folder = path;
    for (let up = 0; up < 3 && folder.includes('/'); up += 1) {
      folder = parentOf(folder);
      const others = folders.get(folder);
      if (others === undefined) folders.set(folder, [path]);
      else others.push(path);
    }
  }
  return folders;
}

/** A package.json counts for its own folder, its scope's and its `node_modules`. */
function foldersAbove(path: string): string[] {
  if (!path.endsWith('/package.json')) return [];
  const parts = path.split('/');
  return [1, 2, 3].flatMap((up) => (parts.length > up ? [parts.slice(0, -up).join('/')] : []));
}

/** Files of a package manager without its database: somebody took the list away, not the packages. */
function missingDatabases(files: readonly FileOfNote[], traces: ReadonlyMap<string, string>): Incomplete[] {
  const present = new Set(files.map(({ cataloger }) => cataloger));
  return [...traces].flatMap(([cataloger, path]) =>
    present.has(cataloger)
      ? []
      : [{ what: path, why: `files of ${cataloger} packages are there, but the package database is not` }],
  );
}

/** Where nothing of an image is kept: OpenWrt has all of `var` there. */
const volatile = /^(?:tmp|run|dev\/shm)\//;

/** A folder of note that lies behind a link to anywhere else. */
function strayFolders(tree: Tree): Incomplete[] {
  const folders = catalogers.flatMap((cataloger) => cataloger.folders);
  const stray = (path: string, linkedTo: string): Incomplete => ({
    what: path,
    why: `a symbolic link leads to "${linkedTo}", where nothing was looked for`,
  });
  const found = folders.flatMap((path) => {
    const { linkedTo } = tree.read(path);
    if (linkedTo === null || folders.includes(linkedTo) || volatile.test(linkedTo)) return [];
    return [stray(path, linkedTo)];
  });
  const anywhere = catalogers.flatMap((cataloger) => cataloger.isFolder ?? []);
  for (const path of tree.links()) {
    const isFolder = anywhere.find((one) => one(path));
    const linkedTo = isFolder === undefined ? null : tree.read(path).linkedTo;
    if (linkedTo === null || linkedTo === '' || isFolder?.(linkedTo) === true) continue;
    found.push(stray(path, linkedTo));
  }
  return found;
}

function sorted(packages: readonly Package[]): Package[] {
  return packages.toSorted(
    (a, b) =>
      compare(a.type, b.type) ||
      compare(a.name, b.name) ||
      compare(a.version, b.version) ||
      compare(a.paths[0] ?? '', b.paths[0] ?? ''),
  );
}

/** By code unit, so that the order is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
