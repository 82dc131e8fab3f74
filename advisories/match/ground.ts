import type { OperatingSystem } from '../../core/inventory.ts';
import { type CoverageState, type MatchGround, type PackageClass, packageClasses } from '../../core/match.ts';
import { type AdvisoryIndex, type EcosystemState, isMoreThanStrays } from '../../core/ports/advisories.ts';
import { type EcosystemOf, ecosystemOfClass, ecosystemOfSystem } from '../ecosystems.ts';
import { endOfLifeOf } from '../end-of-life.ts';

/** Everything that a revision says of a system, for packages of any class. */
export function groundOf(os: OperatingSystem | null, index: AdvisoryIndex): MatchGround {
  const classes = packageClasses.map((its): [PackageClass, CoverageState] => [
    its,
    stateOf(ecosystemOfClass(os, its), index),
  ]);
  return {
    system: os === null ? null : stateOf(ecosystemOfSystem(os), index),
    classes: Object.fromEntries(classes) as Record<PackageClass, CoverageState>,
    catalogues: index.feeds.flatMap((feed) => (feed.name === 'kev' ? [feed.updatedAt] : [])),
    endOfLife: endOfLifeOf(os, index),
  };
}

/** Whether advisories speak of an ecosystem, and which. */
export function stateOf(of: EcosystemOf, index: AdvisoryIndex): CoverageState {
  const needed = of.known ? (of.parts?.always ?? [of.ecosystem]) : [];
  const states = needed.flatMap((name) => index.ecosystem(name) ?? []);
  const [state] = states;
  return {
    ecosystem: of.ecosystem,
    release: of.release,
    feed: state?.feed ?? null,
    updatedAt: state?.updatedAt ?? null,
    covered: state !== undefined && states.length === needed.length && states.every(isCovered),
    known: of.known,
  };
}

export function isCovered(state: EcosystemState): boolean {
  return state.rows > 0 && isMoreThanStrays(state.rows, state.familyRows);
}
