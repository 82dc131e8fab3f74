import type { FeedDefinition, FeedRecord, LocalFile } from '../feed.ts';
import { jsonMembers } from '../json-members.ts';
import { closeFile, openFile, unreadable } from '../unreadable.ts';
import { parseProduct } from './parse.ts';

export const endoflife: FeedDefinition = {
  name: 'endoflife',
  publisher: 'endoflife.date contributors',
  licence: 'MIT',
  remote: async () => [{ path: 'products.json', url: 'https://endoflife.date/api/v1/products/full' }],
  async *read(files) {
    for (const file of files) yield* readOne(file);
  },
};

/** `{ schema_version, generated_at, total, result: [product] }` (API 1.2). */
function* readOne(local: LocalFile): Generator<FeedRecord> {
  const file = openFile(local.file, `endoflife/${local.path}`);
  try {
    let systems = 0;
    for (const part of jsonMembers(file, 'result')) {
      if (part.key !== 'result') continue;
      if (part.index === null) throw unreadable(file, 'its "result" is no list of products');
      if ('rejected' in part) {
        yield { kind: 'rejected', name: `result[${part.index}]`, why: part.rejected };
        continue;
      }
      const records = parseProduct(part.value);
      if (records === null) continue;
      for (const record of records) {
        if (record.kind === 'end-of-life') systems++;
        yield record;
      }
    }
    if (systems === 0) throw unreadable(file, 'it names the end of no system');
  } finally {
    closeFile(file);
  }
}
