import type { KnownSeverityOf, RangeEvent } from '../core/ports/advisories.ts';
import type { KnownSeverity } from '../core/severity.ts';

/** Empty lists, which most are, take no room. */
export function packList(list: readonly unknown[]): string {
  return list.length === 0 ? '' : JSON.stringify(list);
}

export function unpackStrings(text: string): readonly string[] {
  return text === '' ? [] : (JSON.parse(text) as readonly string[]);
}

/** `[["i0","f1.2"]]`: the first letter tells which event it is. */
export function packRanges(ranges: readonly (readonly RangeEvent[])[]): string {
  return packList(ranges.map((events) => events.map(packEvent)));
}

function packEvent(event: RangeEvent): string {
  if ('introduced' in event) return `i${event.introduced}`;
  if ('fixed' in event) return `f${event.fixed}`;
  return 'lastAffected' in event ? `a${event.lastAffected}` : `l${event.limit}`;
}

export function unpackRanges(text: string): readonly (readonly RangeEvent[])[] {
  if (text === '') return [];
  const ranges = JSON.parse(text) as readonly (readonly string[])[];
  return ranges.map((events) => events.map(unpackEvent));
}

function unpackEvent(text: string): RangeEvent {
  const version = text.slice(1);
  switch (text.charAt(0)) {
    case 'i':
      return { introduced: version };
    case 'f':
      return { fixed: version };
    case 'a':
      return { lastAffected: version };
    case 'l':
      return { limit: version };
    default:
      throw new Error(`"${text}" is no event of a range`);
  }
}

const byWeight: readonly KnownSeverity[] = ['negligible', 'low', 'medium', 'high', 'critical'];
const step = 100;

/** A number that is larger for a worse grade, and within a grade for a higher score. */
export function weightOf(severity: KnownSeverity, score: number): number {
  return byWeight.indexOf(severity) * step + score;
}

export function unpackKnownSeverity(
  weight: number,
  vector: string | null,
  score: number | null,
): KnownSeverityOf {
  const severity = byWeight[Math.floor(weight / step)] ?? 'unknown';
  return { severity, cvss: vector === null || score === null ? null : { vector, score } };
}
