import { baseOf, cleanPath, longestPath } from '../../archive/tar-path.ts';
import { type Diversion, type FileFacts, noFacts } from '../cataloger.ts';
import { linesOf } from '../lines.ts';
import { OwnedPaths } from '../owned.ts';
import { diversionsFile, statusFile, statusFolder } from './match.ts';

/** More than any system has. Where there are more, nobody knows whose a file is. */
const mostDiversions = 1000;

/** A package's list of files: `info/NAME[:ARCH].list`, `status.d/FILE.md5sums`, or the table of diversions. */
export function parseFileList(path: string, content: Buffer): FileFacts {
  if (path === diversionsFile) return { ...noFacts, diverted: diversionsOf(content) };
  const ofDistroless = path.startsWith(statusFolder);
  const paths = pathsOf(content, ofDistroless);
  if (paths.length === 0) return noFacts;
  if (ofDistroless)
    return { ...noFacts, owned: [{ by: null, database: path.slice(0, -'.md5sums'.length), paths }] };
  const [by = ''] = baseOf(path).slice(0, -'.list'.length).split(':');
  return by === '' ? noFacts : { ...noFacts, owned: [{ by, database: statusFile, paths }] };
}

/** One absolute path a line; in checksums a relative one behind 32 digits and two spaces (md5sum(1)). */
function pathsOf(content: Buffer, checksums: boolean): readonly string[] {
  const owned = new OwnedPaths();
  for (const line of linesOf(content)) {
    const listed = checksums ? /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1] : line;
    if (listed !== undefined && !owned.add(listed)) break;
  }
  return owned.paths;
}

/** Three lines each: where the file would be, where it is put instead, and whose file is let be there (`:` local). */
function diversionsOf(content: Buffer): readonly Diversion[] {
  const lines = [...firstOf(linesOf(content), 3 * mostDiversions + 1)];
  if (lines.length > 3 * mostDiversions) return [everything];
  const diversions: Diversion[] = [];
  for (let at = 0; at < lines.length; at += 3) {
    const path = cleanPath(lines[at] ?? '');
    const by = lines[at + 2];
    if (by === undefined || path === '' || path.length > longestPath) return [everything];
    diversions.push({ path, by: by === ':' ? null : by });
  }
  return diversions;
}

/** A table that cannot be read may divert any file. */
const everything: Diversion = { path: '', by: null };

function* firstOf<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
