import { revisionOf } from './advisories-rows.ts';

/** A revision's own text, which is a file's name as well: no dot, so no way up, and nothing that looks like an ending. */
export const storedPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Of the matcher, which is no property of the file: the same file has another revision after an upgrade. */
const matcherEnding = revisionOf('');

/** The revision without the matcher's part. */
export function storedOf(revision: string): string {
  return revision.endsWith(matcherEnding) ? revision.slice(0, -matcherEnding.length) : revision;
}
