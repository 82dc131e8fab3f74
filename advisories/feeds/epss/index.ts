import type { FeedDefinition, FeedRecord, LocalFile } from '../feed.ts';
import { linesOf } from '../lines.ts';
import { unpackedPieces } from '../pieces.ts';
import { closeFile, type OpenFile, openFile, unreadable } from '../unreadable.ts';
import { isEpssHeader, parseEpssRow } from './parse.ts';

/** In 2026 there are some 330,000 rows in 11 MB. */
const limits = { bytes: 128 * 1024 * 1024, lines: 1_500_000, lineBytes: 4096 };

export const epss: FeedDefinition = {
  name: 'epss',
  publisher: 'FIRST, Empirical Security',
  // https://www.first.org/epss/faq
  licence: 'free to use by anybody, attribution asked for (FIRST, EPSS usage agreement)',
  remote: async () => [
    {
      path: 'epss_scores-current.csv.gz',
      url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
    },
  ],
  async *read(files) {
    for (const file of files) yield* readOne(file);
  },
};

async function* readOne(local: LocalFile): AsyncGenerator<FeedRecord> {
  const file = openFile(local.file, `epss/${local.path}`);
  try {
    yield* rows(file);
  } finally {
    closeFile(file);
  }
}

/** Comments, the line with the columns' names, and rows. */
async function* rows(file: OpenFile): AsyncGenerator<FeedRecord> {
  let number = 0;
  let scores = 0;
  let inRows = false;
  for await (const lines of linesOf(unpackedPieces(file), file, limits)) {
    for (const line of lines) {
      number++;
      if (inRows) {
        if (line === '') continue;
        const record = parseEpssRow(line, number);
        if (record.kind === 'epss') scores++;
        yield record;
      } else if (isEpssHeader(line)) {
        inRows = true;
      } else if (!line.startsWith('#')) {
        throw unreadable(file, `its line ${number} is neither a comment nor "cve,epss,percentile"`);
      }
    }
  }
  if (scores === 0)
    throw unreadable(file, inRows ? 'it has no score' : 'it has no line "cve,epss,percentile"');
}
