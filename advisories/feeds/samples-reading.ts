import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedDefinition, FeedRecord } from './feed.ts';

/** Reads a feed of one file with these bytes. */
export async function readBytes(
  feed: FeedDefinition,
  directory: string,
  path: string,
  bytes: Uint8Array,
): Promise<FeedRecord[]> {
  const file = join(directory, 'file');
  writeFileSync(file, bytes);
  const records: FeedRecord[] = [];
  for await (const record of feed.read([{ path, file }])) records.push(record);
  return records;
}

/** In few words: `ELSA-2025-1`, `rejected NAME`. */
export function nameOf(record: FeedRecord): string {
  if (record.kind === 'advisory') return record.advisory.id;
  return record.kind === 'rejected' ? `rejected ${record.name}` : record.kind;
}
