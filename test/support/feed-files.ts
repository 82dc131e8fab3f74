import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FeedDefinition, FeedRecord } from '../../advisories/feeds/feed.ts';

/** What a feed reads from files with this content, `path` to bytes, which are written below `directory`. */
export async function readFeed(
  feed: FeedDefinition,
  directory: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<readonly FeedRecord[]> {
  const local = Object.entries(files).map(([path, content]) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return { path, file };
  });
  const records: FeedRecord[] = [];
  for await (const record of feed.read(local)) records.push(record);
  return records;
}
