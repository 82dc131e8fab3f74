import type { AffectedPackage, RangeEvent } from '../../../core/ports/advisories.ts';
import type { ParsedAffected } from './affected.ts';

/** `Ubuntu:Pro:18.04:LTS`. Other services (`Ubuntu:Pro:FIPS:18.04:LTS`) have builds of their own. */
const pro = /^Ubuntu:Pro:(\d\d\.\d\d(?::LTS)?)$/;

/**
 * Ubuntu files what it fixes for subscribers only under a name of its own, and then often nothing under the release's:
 * the plain system would look clean. So the release gets an entry too, which says that versions below the subscribers'
 * are affected and which offers no fix.
 */
export function withoutSubscription(parsed: readonly ParsedAffected[]): readonly ParsedAffected[] {
  if (!parsed.some(({ affected }) => pro.test(affected.ecosystem))) return parsed;
  const keyOf = (ecosystem: string, name: string): string => `${ecosystem}\n${name}`;
  const spokenOf = new Set(parsed.map(({ affected }) => keyOf(affected.ecosystem, affected.name)));
  const added = parsed.flatMap(({ affected, grade }): readonly ParsedAffected[] => {
    const release = pro.exec(affected.ecosystem)?.[1];
    if (release === undefined || spokenOf.has(keyOf(`Ubuntu:${release}`, affected.name))) return [];
    return [{ affected: plain(affected, `Ubuntu:${release}`), grade }];
  });
  return [...parsed, ...added];
}

function plain(affected: AffectedPackage, ecosystem: string): AffectedPackage {
  const fixes = affected.ranges.flat().flatMap((event) => ('fixed' in event ? [event.fixed] : []));
  const ranges = affected.ranges.map((events) => events.map(withoutFix));
  if (fixes.length === 0) return { ...affected, ecosystem, ranges };
  return {
    ...affected,
    ecosystem,
    ranges,
    state: 'will_not_fix',
    note: `fixed for Ubuntu Pro in ${fixes.join(', ')}`,
  };
}

/** A limit ends a range as a fix does, and is none (OSV schema, `affected[].ranges[].events`). */
function withoutFix(event: RangeEvent): RangeEvent {
  return 'fixed' in event ? { limit: event.fixed } : event;
}
