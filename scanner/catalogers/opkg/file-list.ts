import { baseOf } from '../../archive/tar-path.ts';
import { type FileFacts, noFacts } from '../cataloger.ts';
import { linesOf } from '../lines.ts';
import { OwnedPaths } from '../owned.ts';
import { statusOf } from './match.ts';

/** `info/NAME.list`: one absolute path a line; newer versions put mode and link target behind a tab. */
export function parseFileList(path: string, content: Buffer): FileFacts {
  const owned = new OwnedPaths();
  for (const line of linesOf(content)) if (!owned.add(line.split('\t', 1)[0] ?? '')) break;
  const by = baseOf(path).slice(0, -'.list'.length);
  if (by === '' || owned.paths.length === 0) return noFacts;
  return { ...noFacts, owned: [{ by, database: statusOf(path), paths: owned.paths }] };
}
