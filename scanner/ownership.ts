import type { Digest } from '../core/digest.ts';
import { type Package, systemPackageTypes } from '../core/inventory.ts';
import type { OverlaidLayer } from './overlay.ts';
import type { Tree } from './tree.ts';

/** The owner that a layer's lists name for a file; `several`: they name more than one. */
type Claim = { readonly by: string | null; readonly database: string } | 'several';

/**
 * Whose the files of an image are, by the lists of its package managers. A file is a package's if one and the same layer
 * brought the file, the list that names it, and the package's entry in the database. A later layer that wrote the file,
 * wrote it, whatever the database says; what was installed anew at the same version counts as that too. In doubt it is
 * nobody's: then it is reported by itself (docs/adr/0021-ownership.md).
 */
export class Owners {
  readonly #claims = new Map<string, Claim>();
  /** By the database that lists them, the system's packages with the layer that brought each as it is. */
  readonly #packages = new Map<string, Map<string, Digest | null | 'several'>>();

  constructor(layers: readonly OverlaidLayer[], tree: Tree, packages: readonly Package[]) {
    for (const one of packages) if (systemPackageTypes.has(one.type)) this.#list(one);
    const diverted = diversionsOf(layers, tree);
    if (diverted === null) return;
    for (const { digest, events } of layers) {
      for (const event of events) {
        if (event.kind !== 'owned' || !this.#packages.has(event.database)) continue;
        const path = realPath(tree, event.path);
        if (path === null) continue;
        const at = diverted.get(path);
        if (at !== undefined && at !== event.by) continue;
        this.#claim(keyOf(path, digest), event);
      }
    }
  }

  /**
   * The name of the package that brought a file; null: none did, or nobody knows.
   * @param layer that the file is from, as it stands
   */
  of(path: string, layer: Digest | null): string | null {
    const claim = this.#claims.get(keyOf(path, layer));
    if (claim === undefined || claim === 'several') return null;
    const listed = this.#packages.get(claim.database);
    if (listed === undefined || (claim.by === null && listed.size !== 1)) return null;
    const [only = null] = listed.keys();
    const name = claim.by ?? only;
    return name !== null && listed.get(name) === layer ? name : null;
  }

  /** Of one name there are several for several architectures; those of different layers nobody tells apart. */
  #list({ name, layer: broughtBy, changedIn, paths: [database = ''] }: Package): void {
    const layer = changedIn ?? broughtBy;
    const listed = this.#packages.get(database) ?? new Map<string, Digest | null | 'several'>();
    this.#packages.set(database, listed);
    const other = listed.get(name);
    listed.set(name, other === undefined || other === layer ? layer : 'several');
  }

  #claim(key: string, { by, database }: Exclude<Claim, 'several'>): void {
    const other = this.#claims.get(key);
    const same =
      other === undefined || (other !== 'several' && other.by === by && other.database === database);
    this.#claims.set(key, same ? { by, database } : 'several');
  }
}

function keyOf(path: string, layer: Digest | null): string {
  return `${layer ?? ''}\n${path}`;
}

/**
 * Where a listed path is: lists say `lib/x` where `lib` is a link to `usr/lib`. Null where the path itself is a link: what
 * is behind it is listed on its own, by its owner.
 */
function realPath(tree: Tree, path: string): string | null {
  return tree.isLink(path) ? null : tree.read(path).linkedTo || path;
}

/**
 * Whose file is at each path that was ever diverted; null: the administrator's, or that of several. Null for all: any path
 * may be diverted.
 */
function diversionsOf(
  layers: readonly OverlaidLayer[],
  tree: Tree,
): ReadonlyMap<string, string | null> | null {
  const diverted = new Map<string, string | null>();
  for (const { events } of layers) {
    for (const event of events) {
      if (event.kind !== 'diverted') continue;
      if (event.path === '') return null;
      const path = realPath(tree, event.path) ?? event.path;
      const other = diverted.get(path);
      diverted.set(path, other === undefined || other === event.by ? event.by : null);
    }
  }
  return diverted;
}
