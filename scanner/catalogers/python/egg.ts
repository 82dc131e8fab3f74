import { readEntry } from '../../archive/zip/content.ts';
import { looksLikeZip } from '../../archive/zip/directory.ts';
import { entriesOf } from '../../archive/zip/entries.ts';
import { zipBudget } from '../../archive/zip/limits.ts';
import { type FileFacts, noFacts, onlyIncomplete } from '../cataloger.ts';
import { parseMetadata } from './parse.ts';

const metadataName = 'EGG-INFO/PKG-INFO';
const mostMetadata = 16 * 1024 ** 2;

/** An installed project that was left as one archive. */
export function parseEgg(path: string, content: Buffer): FileFacts {
  if (!looksLikeZip(content)) return noFacts;
  const budget = zipBudget(content.length);
  for (const entry of entriesOf(content, budget)) {
    if ('fault' in entry) return onlyIncomplete(path, entry.fault);
    if (entry.name !== metadataName) continue;
    const metadata = readEntry(content, entry, budget, mostMetadata);
    return 'fault' in metadata
      ? onlyIncomplete(path, `"${metadataName}": ${metadata.fault}`)
      : parseMetadata(path, metadata.bytes);
  }
  return onlyIncomplete(path, `it has no ${metadataName}`);
}
