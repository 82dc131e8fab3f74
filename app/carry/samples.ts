import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compress } from 'zstd-napi';
import { schemaVersion } from '../../db/advisories-check.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { storedOf } from '../../db/advisories-name.ts';
import { createAdvisorySink } from '../../db/advisories-sink.ts';
import { type ExportHeader, writeHeader } from './header.ts';

/** Puts advisories in force at `<folder>/advisories.db`; gives that file. */
export function makeAdvisories(
  folder: string,
  options: { readonly day: string; readonly feeds?: readonly string[] },
): string {
  const file = join(folder, 'advisories.db');
  mkdirSync(dirname(file), { recursive: true });
  const sink = createAdvisorySink(file);
  for (const feed of options.feeds ?? ['osv:Debian', 'osv:npm']) {
    sink.beginFeed(feed, 'anew');
    sink.add({
      id: `${feed}-${options.day}`,
      kind: 'vulnerability',
      aliases: [],
      upstream: [],
      summary: '',
      url: '',
      severity: null,
      cvss: null,
      published: null,
      modified: null,
      affected: [
        {
          ecosystem: feed.replace('osv:', ''),
          name: 'x',
          ranges: [[{ introduced: '0' }]],
          versions: [],
          severity: null,
        },
      ],
    });
    sink.finishFeed({
      name: feed,
      updatedAt: `${options.day}T00:00:00.000Z`,
      records: 1,
      rejected: 0,
      fingerprint: feed,
      source: 'a sample',
      licence: 'CC0-1.0',
      supersedes: null,
      bookmark: '',
    });
  }
  sink.commit();
  return file;
}

export function revisionIn(file: string): string {
  const index = openAdvisoryIndex(file);
  const { revision } = index;
  index.close();
  return revision;
}

/** An export of any content, true or not. */
export function exportOf(content: Uint8Array, header: Partial<ExportHeader> = {}): Buffer {
  return Buffer.concat([
    writeHeader({
      schemaVersion,
      revision: 'sample',
      created: '2026-01-01T00:00:00.000Z',
      content: { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
      ...header,
    }),
    compress(Buffer.from(content)),
  ]);
}

/** The export of a file that lies there, with a header that tells the truth but for what is given. */
export function exportOfFile(file: string, header: Partial<ExportHeader> = {}): Buffer {
  return exportOf(readFileSync(file), { revision: storedOf(revisionIn(file)), ...header });
}

export function written(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
