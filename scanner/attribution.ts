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

interface Listing {
  readonly layer: Digest | null;
  readonly exact: ReadonlySet<string>;
  /** By name, the exact packages of that name. */
  readonly named: ReadonlyMap<string, readonly string[]>;
}

/**
 * For each package of a file the layers that brought and changed it. `contents` are the versions of the file, the lowest
 * layer's first. What stands beside an older version of the same name (kernels do) was not made from it.
 */
export function attribution(contents: readonly Content[]): (found: FoundPackage) => Attribution {
  const listings = contents.map(listingOf).reverse();
  return (found) => {
    const name = nameOf(found);
    let exact = exactOf(found);
    let changedIn: Digest | null = null;
    let layer = listings[0]?.layer ?? null;
    for (const [at, listing] of listings.entries()) {
      if (!listing.exact.has(exact)) {
        const above = listings[at - 1]?.exact;
        const before = listing.named.get(name)?.find((one) => above?.has(one) !== true);
        if (before === undefined) break;
        changedIn ??= layer;
        exact = before;
      }
      layer = listing.layer;
    }
    return changedIn === null || changedIn === layer ? { layer } : { layer, changedIn };
  };
}

function listingOf({ facts, layer }: Content): Listing {
  const exact = new Set<string>();
  const named = new Map<string, string[]>();
  for (const one of facts?.packages ?? []) {
    const text = exactOf(one);
    if (exact.has(text)) continue;
    exact.add(text);
    const others = named.get(nameOf(one));
    if (others === undefined) named.set(nameOf(one), [text]);
    else others.push(text);
  }
  return { layer, exact, named };
}

function nameOf({ type, name, arch, within }: FoundPackage): string {
  return JSON.stringify([type, name, arch, within ?? null]);
}

function exactOf(found: FoundPackage): string {
  return `${nameOf(found)}${found.version}`;
}
