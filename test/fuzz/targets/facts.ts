import type { FileFacts } from '../../../scanner/catalogers/cataloger.ts';

/** Reasons without what differs from input to input. */
export function plain(text: string): string {
  return text
    .replaceAll(/"[^"]*"|'[^']*'/g, '""')
    .replaceAll(/[0-9]+/g, '0')
    .slice(0, 200);
}

/** Roughly how many. */
export function magnitude(count: number): number {
  return count < 4 ? count : 4 + Math.floor(Math.log2(count));
}

/**
 * What a cataloger told, in short.
 * @throws where a package has no name or no version, or a text is not told of
 */
export function factsText(facts: FileFacts): string {
  const { packages, os, incomplete, owned = [], diverted = [], notes } = facts;
  for (const { name, version, source } of packages) {
    if ([name, version, source.name, source.version].includes(''))
      throw new Error('a package with an empty field');
  }
  for (const { what, why } of incomplete) {
    if (what === '' || why === '') throw new Error('something incomplete that is not told');
  }
  const first = packages[0];
  return [
    magnitude(packages.length),
    os === null ? '' : 'os',
    first === undefined
      ? ''
      : `${first.type} ${first.arch === null ? '' : 'arch'} ${magnitude(first.licenses.length)}`,
    magnitude(owned.reduce((sum, { paths }) => sum + paths.length, 0)),
    magnitude(diverted.length),
    notes === undefined
      ? ''
      : `${notes.source === undefined ? '' : 'source'} ${magnitude(notes.licenses.length)}`,
    [...new Set(incomplete.slice(0, 8).map(({ why }) => plain(why)))].join('; '),
  ].join(' | ');
}
