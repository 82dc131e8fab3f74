import type { Coverage } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { AdvisoryIndex, EcosystemState } from '../../core/ports/advisories.ts';
import { type EcosystemOf, ecosystemOf, ecosystemOfSystem } from '../ecosystems.ts';

/** A release with less than one row in a hundred of its best relative has strays, not data. */
const leastShare = 100;

/**
 * One entry for each ecosystem and release that the packages belong to, and one for the system itself even
 * if it has no packages. Sorted by name.
 */
export function coverageOf(inventory: Inventory, index: AdvisoryIndex): readonly Coverage[] {
  const entries = new Map<string, { readonly of: EcosystemOf; packages: number }>();
  const count = (of: EcosystemOf, packages: number): void => {
    // One name can be known for one package type and not for another.
    const key = `${of.ecosystem}\n${of.known}`;
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { of, packages });
    else entry.packages += packages;
  };
  if (inventory.os !== null) count(ecosystemOfSystem(inventory.os), 0);
  for (const one of inventory.packages) count(ecosystemOf(inventory.os, one), 1);
  return [...entries.values()]
    .map(({ of, packages }) => {
      const needed = of.known ? (of.parts?.always ?? [of.ecosystem]) : [];
      const states = needed.flatMap((name) => index.ecosystem(name) ?? []);
      const [state] = states;
      return {
        ecosystem: of.ecosystem,
        release: of.release,
        feed: state?.feed ?? null,
        updatedAt: state?.updatedAt ?? null,
        covered: state !== undefined && states.length === needed.length && states.every(isCovered),
        packages,
      };
    })
    .sort((a, b) => (a.ecosystem < b.ecosystem ? -1 : a.ecosystem > b.ecosystem ? 1 : 0));
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
