import type { FeedState } from '../../core/ports/advisories.ts';

/**
 * What would be less than before: feeds of which the new file has older data or none. Somebody who plays back an old file
 * hides what was published since.
 * @returns each a few words
 */
export function olderFeeds(inForce: readonly FeedState[], arriving: readonly FeedState[]): readonly string[] {
  const times = new Map(arriving.map(({ name, updatedAt }) => [name, Date.parse(updatedAt)]));
  return inForce.flatMap(({ name, updatedAt }) => {
    const time = times.get(name);
    if (time === undefined) return [`${name} is not in it`];
    if (time >= Date.parse(updatedAt)) return [];
    return [`${name} is of ${new Date(time).toISOString()}, in force is ${updatedAt}`];
  });
}
