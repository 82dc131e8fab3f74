import { cleanPath, longestPath } from '../../archive/tar-path.ts';
import type { Header } from './header.ts';
import { tags } from './tags.ts';

type IsWanted = (base: string, folder: string) => boolean;

/** RPMFILE_STATE_NORMAL; other files were replaced, or left out on purpose. */
const installed = 0;

/**
 * The files that a package has installed, as clean paths, one at a time: two lists in a header can stand for far more
 * text than they have. `isWanted` is asked about each base name and folder first. Null where the list cannot be read.
 */
export function fileListOf(header: Header, isWanted: IsWanted): Iterable<string> | null {
  const states = header.has(tags.fileStates) ? header.numbers(tags.fileStates) : [];
  if (states === null) return null;
  const isThere = (file: number): boolean => (states[file] ?? installed) === installed;
  if (header.has(tags.baseNames)) {
    const bases = header.texts(tags.baseNames);
    const folders = header.texts(tags.dirNames);
    const indexes = header.numbers(tags.dirIndexes);
    if (bases === null || folders === null || indexes === null || indexes.length !== bases.length)
      return null;
    if (indexes.some((index) => index >= folders.length)) return null;
    return joined(bases, (file) => folders[indexes[file] ?? 0] ?? '', isThere, isWanted);
  }
  if (!header.has(tags.oldFileNames)) return [];
  const paths = header.texts(tags.oldFileNames);
  if (paths === null) return null;
  const cut = (path: string): number => path.lastIndexOf('/') + 1;
  const bases = paths.map((path) => path.slice(cut(path)));
  const folder = (file: number): string => (paths[file] ?? '').slice(0, cut(paths[file] ?? ''));
  return joined(bases, folder, isThere, isWanted);
}

function* joined(
  bases: readonly string[],
  folder: (file: number) => string,
  isThere: (file: number) => boolean,
  isWanted: IsWanted,
): Generator<string> {
  for (const [file, base] of bases.entries()) {
    if (!isThere(file)) continue;
    const above = folder(file);
    if (isWanted(base, above) && above.length + base.length <= longestPath)
      yield cleanPath(`${above}${base}`);
  }
}
