/** Offsets of a chunk, both inclusive. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
}

/**
 * `0-99`, as the distribution specification has it ("Pushing a blob in chunks"), or `bytes 0-99/100` as HTTP does; null
 * for anything else.
 */
export function parseContentRange(header: string): ContentRange | null {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header.trim());
  if (match === null) return null;
  const [start, end] = [Number(match[1]), Number(match[2])];
  return end < start ? null : { start, end };
}
