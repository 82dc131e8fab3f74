import { closeSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { PratiqueError } from '../../../core/errors.ts';
import type { FeedRecord, LocalFile } from '../feed.ts';
import { describeStart } from '../file-start.ts';
import type { ListedFeed } from '../offer.ts';
import { parseKev } from './parse.ts';

/** Bytes. In 2026 it has 1.6 MB. */
const largest = 64 * 1024 * 1024;

/** CISA's catalogue of known exploited vulnerabilities. */
export const kev: ListedFeed = {
  name: 'kev',
  publisher: 'CISA',
  licence: 'CC0-1.0',
  supersedes: null,
  read,
};

async function* read(files: readonly LocalFile[]): AsyncGenerator<FeedRecord> {
  for (const { file } of files) {
    const { size } = await stat(file);
    if (size > largest) {
      throw new PratiqueError(
        'limit-exceeded',
        `${file} has ${size} bytes where ${largest} are allowed: it is no catalogue of known exploited vulnerabilities`,
        { file, size },
      );
    }
    const entries = parseKev(await readFile(file, 'utf8'));
    if ('rejected' in entries) {
      throw new PratiqueError(
        'advisories-unreadable',
        `${file} is no catalogue of known exploited vulnerabilities: ${entries.rejected}; it begins like ${startOf(file)}`,
        { file },
      );
    }
    for (const { id, addedAt } of entries) yield { kind: 'exploited', id, addedAt };
  }
}

function startOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    return describeStart(fd);
  } finally {
    closeSync(fd);
  }
}
