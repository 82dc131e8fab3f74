import { lengthOf, notesLength } from './facts.ts';
import type { LayerAnalysis } from './layer.ts';

/** Characters of everything around the texts of an event, a package and a sentence. */
const eventFrame = 64;
const packageFrame = 200;
const sentenceFrame = 40;

/** Roughly the characters of what is told of a layer: what it costs to hand on, lay over others and keep. */
export function weightOf({ events, checks }: Pick<LayerAnalysis, 'events' | 'checks'>): number {
  let sum = 0;
  for (const { path } of checks?.secrets ?? []) sum += eventFrame + path.length;
  for (const { path } of checks?.permissions ?? []) sum += eventFrame + path.length;
  for (const event of events) {
    sum += eventFrame + event.path.length + ('target' in event ? event.target.length : 0);
    if (event.kind === 'owned') sum += event.database.length + (event.by?.length ?? 0);
    if (event.kind !== 'file') continue;
    sum += notesLength(event.facts);
    for (const found of event.facts.packages) sum += packageFrame + lengthOf(found);
    for (const { what, why } of event.facts.incomplete) sum += sentenceFrame + what.length + why.length;
  }
  return sum;
}
