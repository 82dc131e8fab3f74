import { PackageURL } from 'packageurl-js';
import type { Digest } from '../core/digest.ts';
import type { ImageConfig } from '../core/image.ts';
import type { Incomplete, Inventory, OperatingSystem, Package } from '../core/inventory.ts';
import { ANALYZERS } from './analyzers.ts';
import type { FoundPackage } from './catalogers/cataloger.ts';
import { catalogers } from './catalogers/index.ts';
import { osRelease } from './catalogers/os-release/index.ts';
import type { LayerAnalysis } from './layer.ts';
import { overlay } from './overlay.ts';
import type { Content, Tree } from './tree.ts';

/**
 * Merges layers (lowest first) into what the image contains. `unfit` is passed through: what is wrong with the
 * image as a whole is known to the caller. `content` is `artifact` when no layer is an archive.
 */
export function buildInventory(options: {
  readonly layers: readonly { readonly digest: Digest | null; readonly analysis: LayerAnalysis }[];
  readonly config: ImageConfig | null;
  readonly unfit: readonly string[];
}): Inventory {
  const { layers, config, unfit } = options;
  const tree = overlay(layers.map(({ digest, analysis }) => ({ digest, events: analysis.events })));
  const os = systemOf(tree);
  const packages: Package[] = [];
  const incomplete: Incomplete[] = [];
  const databases = new Set<string>();
  const traces = new Map<string, string>();
  for (const { path, contents } of tree.files()) {
    const newest = contents.at(-1);
    if (newest === undefined) continue;
    if (newest.facts === null) {
      traces.set(newest.cataloger, path);
      continue;
    }
    databases.add(newest.cataloger);
    incomplete.push(...newest.facts.incomplete);
    for (const found of newest.facts.packages) {
      packages.push({
        ...found,
        purl: purlOf(found, os),
        layer: broughtBy(found, contents),
        paths: [path],
      });
    }
  }
  incomplete.push(...missingDatabases(databases, traces), ...brokenLinks(tree));
  return {
    os,
    platform: config?.platform ?? null,
    packages: sorted(packages),
    incomplete: incomplete.sort((a, b) => compare(a.what, b.what)),
    unfit,
    analyzers: ANALYZERS,
    content: layers.some(({ analysis }) => analysis.tar) ? 'image' : 'artifact',
  };
}

/** The first of os-release's places counts (os-release(5)), links followed. */
function systemOf(tree: Tree): OperatingSystem | null {
  for (const path of osRelease.database) {
    const os = tree.read(path).contents.at(-1)?.facts?.os;
    if (os != null) return os;
  }
  return null;
}

/** The lowest layer from which on the file has listed this very package without a break. */
function broughtBy(found: FoundPackage, contents: readonly Content[]): Digest | null {
  let layer = contents.at(-1)?.layer ?? null;
  for (const content of contents.toReversed()) {
    const same = content.facts?.packages.some(
      (one) => one.name === found.name && one.version === found.version && one.arch === found.arch,
    );
    if (same !== true) break;
    layer = content.layer;
  }
  return layer;
}

/** Files of a package manager without its database: somebody took the list away, not the packages. */
function missingDatabases(databases: ReadonlySet<string>, traces: ReadonlyMap<string, string>): Incomplete[] {
  return [...traces].flatMap(([cataloger, path]) =>
    databases.has(cataloger)
      ? []
      : [{ what: path, why: `files of ${cataloger} packages are there, but the package database is not` }],
  );
}

/** A database that is a link, or lies behind one, to a place that no cataloger looks at. */
function brokenLinks(tree: Tree): Incomplete[] {
  return catalogers.flatMap(({ database, match }) =>
    database.flatMap((path) => {
      const { contents, linkedTo } = tree.read(path);
      if (linkedTo === null || contents.length > 0 || match(linkedTo) !== null) return [];
      return [{ what: path, why: `a symbolic link leads to "${linkedTo}", which was not read` }];
    }),
  );
}

function purlOf(found: FoundPackage, os: OperatingSystem | null): string {
  const qualifiers: Record<string, string> = {};
  let namespace: string | null = null;
  let name = found.name;
  if (found.type === 'npm') {
    const slash = name.startsWith('@') ? name.indexOf('/') : -1;
    if (slash > 0) [namespace, name] = [name.slice(0, slash), name.slice(slash + 1)];
  } else {
    namespace = os?.id ?? (found.type === 'deb' ? 'debian' : 'alpine');
    if (found.arch !== null) qualifiers.arch = found.arch;
    if (os !== null && os.versionId !== '') qualifiers.distro = `${os.id}-${os.versionId}`;
  }
  return new PackageURL(found.type, namespace, name, found.version, qualifiers, null).toString();
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
