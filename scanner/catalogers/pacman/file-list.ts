import { parentOf } from '../../archive/tar-path.ts';
import { type FileFacts, noFacts } from '../cataloger.ts';
import { OwnedPaths } from '../owned.ts';
import { valuesOf } from './sections.ts';

/** `files`: relative paths, folders with a slash behind them. The package is named by the `desc` beside it. */
export function parseFiles(path: string, content: Buffer): FileFacts {
  const owned = new OwnedPaths();
  for (const [section, value] of valuesOf(content)) {
    if (section === 'FILES' && !value.endsWith('/') && !owned.add(value)) break;
  }
  if (owned.paths.length === 0) return noFacts;
  return { ...noFacts, owned: [{ by: null, database: `${parentOf(path)}/desc`, paths: owned.paths }] };
}
