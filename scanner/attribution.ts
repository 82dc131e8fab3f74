import type { Digest } from '../core/digest.ts';
import type { FoundPackage } from './catalogers/cataloger.ts';
import type { Content } from './tree.ts';

/** Which layers made a package what it is. */
export interface Attribution {
  /** The lowest layer from which on the file has listed it without a break, at whatever version. */
  readonly layer: Digest | null;
  /** The lowest layer from which on it was listed as it is; left out where that is `layer`. */
  readonly changedIn?: Digest;
}

/** By name, the version that a layer's file lists, or several. */
interface Listing {
  readonly layer: Digest | null;
  readonly versions: ReadonlyMap<string, string | readonly string[]>;
}

/**
 * For each package of a file the layers that brought and changed it. `contents` are the versions of the file, the lowest
 * layer's first. What stands beside an older version of the same name (kernels do) was not made from it.
 */
export function attribution(contents: readonly Content[]): (found: FoundPackage) => Attribution {
  const only = contents[0];
  if (contents.length === 1 && only !== undefined) return () => ({ layer: only.layer });
  const listings = contents.map(listingOf).reverse();
  return (found) => {
    const name = nameOf(found);
    let version = found.version;
    let changedIn: Digest | null = null;
    let layer = listings[0]?.layer ?? null;
    let above: string | readonly string[] = [];
    for (const listing of listings) {
      const listed = listing.versions.get(name);
      if (listed === undefined) break;
      if (!has(listed, version)) {
        const before = replaced(listed, above);
        if (before === null) break;
        changedIn ??= layer;
        version = before;
      }
      layer = listing.layer;
      above = listed;
    }
    return changedIn === null || changedIn === layer ? { layer } : { layer, changedIn };
  };
}

function has(listed: string | readonly string[], version: string): boolean {
  return typeof listed === 'string' ? listed === version : listed.includes(version);
}

/** A version that the layer above does not list any more; none where there is no layer above. */
function replaced(listed: string | readonly string[], above: string | readonly string[]): string | null {
  if (above.length === 0) return null;
  const all = typeof listed === 'string' ? [listed] : listed;
  return all.find((one) => !has(above, one)) ?? null;
}

/** Of one name and architecture; only kernels and signing keys are there more than once. More are not told apart. */
const mostVersions = 50;

function listingOf({ facts, layer }: Content): Listing {
  const versions = new Map<string, string | string[]>();
  for (const one of facts?.packages ?? []) {
    const name = nameOf(one);
    const others = versions.get(name);
    if (others === undefined) versions.set(name, one.version);
    else if (typeof others === 'string') versions.set(name, [others, one.version]);
    else if (others.length < mostVersions) others.push(one.version);
  }
  return { layer, versions };
}

/** Lists with a line break in a name are nobody's: what could be mistaken are layers alone. */
function nameOf({ type, name, arch, within }: FoundPackage): string {
  return `${type}\n${name}\n${arch ?? ''}\n${within ?? ''}`;
}
