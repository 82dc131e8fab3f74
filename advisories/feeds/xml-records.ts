import { isPratiqueError } from '../../core/errors.ts';
import type { FeedRecord, LocalFile } from './feed.ts';
import { unreadable } from './feed-errors.ts';
import { type Packing, unpacked } from './unpack.ts';
import { readElements, type XmlElement } from './xml.ts';

export interface XmlFeed {
  readonly packing: Packing;
  /** For messages: `a bzip2 file of OVAL definitions`. */
  readonly what: string;
  readonly root: string;
  /** Name of the elements that are records. */
  readonly wanted: string;
  /** How the records of one file are read; null: there is nothing in it for anybody here. */
  readonly parse: (local: LocalFile) => (element: XmlElement) => FeedRecord | null;
  /** Bytes of a file, unpacked. */
  readonly largest?: number;
}

/** Oracle's, the largest of them, unpacks to less than one GiB. */
const largest = 8 * 1024 * 1024 * 1024;

/**
 * Records of packed XML files. A file without any is none of the feed's.
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export async function* readRecordsOfXml(
  files: readonly LocalFile[],
  feed: XmlFeed,
): AsyncGenerator<FeedRecord> {
  for (const local of files) {
    const parse = feed.parse(local);
    const pieces = unpacked(local, feed.packing, feed.what, feed.largest ?? largest);
    const elements = readElements(pieces, feed.root, feed.wanted);
    let found = 0;
    for (;;) {
      // Only what the file is to blame for, not what its reader does with a record.
      const next = await elements.next().catch((error: unknown) => {
        throw isPratiqueError(error) ? error : unreadable(local, feed.what, error);
      });
      if (next.done === true) break;
      found++;
      const record = parse(next.value);
      if (record !== null) yield record;
    }
    if (found === 0) throw unreadable(local, feed.what, new Error(`it has no "${feed.wanted}"`));
  }
}
