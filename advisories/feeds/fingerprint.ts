import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { LocalFile } from './feed.ts';

/**
 * sha256 over the names and bytes of files, hex; over `before` too where they are an increment to something that has that
 * fingerprint. The bytes of a single whole file alone are hashed without its name.
 */
export async function fingerprintOf(files: readonly LocalFile[], before: string | null): Promise<string> {
  const hash = createHash('sha256');
  const isPlain = files.length === 1 && before === null;
  if (before !== null) hash.update(`${before}\n`);
  for (const { path, file } of files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    if (!isPlain) hash.update(`\n${path}\n`);
    for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      hash.update(piece as Buffer);
    }
  }
  return hash.digest('hex');
}
