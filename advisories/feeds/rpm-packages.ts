import type { AffectedPackage, RangeEvent } from '../../core/ports/advisories.ts';
import { compareRpmVersions } from '../versions/rpm/compare.ts';

/** Symbols and sources for debuggers. They hold no code that runs, and there is one for most packages. */
const forDebuggers = /-debug(?:info|source)(?:-common(?:-[a-z0-9_]+)?)?$/;

export function isForDebuggers(name: string): boolean {
  return forDebuggers.test(name);
}

/** What rpm builds a name of. */
export function isRpmName(name: string): boolean {
  return name.length <= 200 && /^[A-Za-z0-9_][A-Za-z0-9_.+~-]*$/.test(name);
}

/** `[epoch:]version-release`, without an epoch of 0, as inventories have it; null for what rpm cannot compare. */
export function rpmVersion(epoch: string, version: string, release: string): string | null {
  const full = `${/^0*$/.test(epoch) ? '' : `${epoch}:`}${version}-${release}`;
  return /^[0-9]*$/.test(epoch) && version !== '' && release !== '' && compareRpmVersions(full, full) === 0
    ? full
    : null;
}

/**
 * Fixes by ecosystem and package, the highest of each. An advisory's architectures may have been built apart and have
 * different versions; the index does not tell architectures apart, so the one that ends it on all of them counts.
 */
export class HighestFixes {
  readonly #fixes = new Map<string, { readonly ecosystem: string; readonly name: string; version: string }>();

  add(ecosystem: string, name: string, version: string): void {
    const key = `${ecosystem}\n${name}`;
    const known = this.#fixes.get(key);
    if (known === undefined) this.#fixes.set(key, { ecosystem, name, version });
    else if ((compareRpmVersions(known.version, version) ?? 0) < 0) known.version = version;
  }

  affected(): AffectedPackage[] {
    return [...this.#fixes.values()].map(({ ecosystem, name, version }) =>
      affectedFrom(ecosystem, name, [{ introduced: '0' }, { fixed: version }]),
    );
  }
}

export function affectedFrom(
  ecosystem: string,
  name: string,
  events: readonly RangeEvent[],
): AffectedPackage {
  return { ecosystem, name, ranges: [events], versions: [], severity: null };
}
