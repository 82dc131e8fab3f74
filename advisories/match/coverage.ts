import type { Coverage } from '../../core/finding.ts';
import type { Inventory, Package } from '../../core/inventory.ts';
import type { AdvisoryIndex, EcosystemState } from '../../core/ports/advisories.ts';
import { type EcosystemOf, ecosystemOf, ecosystemOfSystem } from '../ecosystems.ts';

/** A release with less than one row in a hundred of its best relative has strays, not data. */
const leastShare = 100;

/**
 * One entry for each ecosystem and release that the packages belong to, and one for the system itself even
 * if it has no packages. Sorted by name.
 * @param isSpokenFor whether the system's advisories speak of a language's package, so that it needs no others
 */
export function coverageOf(
  inventory: Inventory,
  index: AdvisoryIndex,
  isSpokenFor: (one: Package) => boolean,
): readonly Coverage[] {
  const entries = new Map<string, { readonly of: EcosystemOf; packages: number }>();
  const count = (of: EcosystemOf, packages: number): void => {
    // One name can be known for one package type and not for another.
    const key = `${of.ecosystem}\n${of.known}`;
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { of, packages });
    else entry.packages += packages;
  };
  if (inventory.os !== null) count(ecosystemOfSystem(inventory.os), 0);
  for (const one of inventory.packages) {
    if (!isSpokenFor(one)) count(ecosystemOf(inventory.os, one), 1);
  }
  return [...entries.values()]
    .map(({ of, packages }) => {
      const state = stateOf(of, index);
      return {
        ecosystem: of.ecosystem,
        release: of.release,
        feed: state.feed,
        updatedAt: state.updatedAt,
        covered: state.covered,
        packages,
      };
    })
    .sort((a, b) => (a.ecosystem < b.ecosystem ? -1 : a.ecosystem > b.ecosystem ? 1 : 0));
}

/** Whether advisories speak of an ecosystem, and which. */
export function stateOf(
  of: EcosystemOf,
  index: AdvisoryIndex,
): Pick<Coverage, 'feed' | 'updatedAt' | 'covered'> {
  const needed = of.known ? (of.parts?.always ?? [of.ecosystem]) : [];
  const states = needed.flatMap((name) => index.ecosystem(name) ?? []);
  const [state] = states;
  return {
    feed: state?.feed ?? null,
    updatedAt: state?.updatedAt ?? null,
    covered: state !== undefined && states.length === needed.length && states.every(isCovered),
  };
}

export function isCovered(state: EcosystemState): boolean {
  return state.rows > 0 && state.rows * leastShare >= state.familyRows;
}

/**
 * How old the oldest feed is that took part, the known-exploited catalogue included; null where none did.
 */
export function oldestFeed(coverage: readonly Coverage[], index: AdvisoryIndex): string | null {
  const times = coverage.flatMap((entry) => (entry.covered ? (entry.updatedAt ?? []) : []));
  if (times.length === 0) return null;
  for (const feed of index.feeds) if (feed.name === 'kev') times.push(feed.updatedAt);
  return times.reduce((oldest, time) => (Date.parse(time) < Date.parse(oldest) ? time : oldest));
}
