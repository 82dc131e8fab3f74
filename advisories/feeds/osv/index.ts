import { closeSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { errorText, PratiqueError } from '../../../core/errors.ts';
import type { FeedRecord, LocalFile } from '../feed.ts';
import type { ListedFeed } from '../offer.ts';
import { archiveLimits, readArchive } from './archive.ts';
import { parseOsvRecord } from './parse.ts';

/** The whole export of an ecosystem has this name; every other file is a single record. */
export const wholeExport = 'all.zip';

/** By ecosystem, as the projects that osv.dev gathers them from say. What is not named here has terms of its own. */
const licences: ReadonlyMap<string, string> = new Map([
  ['AlmaLinux', 'MIT'],
  ['Alpine', 'facts without a licence (Alpine secdb)'],
  ['Bitnami', 'Apache-2.0'],
  ['Chainguard', 'Apache-2.0'],
  ['Debian', 'facts without a licence (Debian Security Tracker)'],
  ['Go', 'CC-BY-4.0'],
  ['Maven', 'CC-BY-4.0'],
  ['NuGet', 'CC-BY-4.0'],
  ['Packagist', 'CC-BY-4.0'],
  ['PyPI', 'CC-BY-4.0'],
  ['Red Hat', 'CC-BY-4.0'],
  ['Rocky Linux', 'BSD-3-Clause'],
  ['RubyGems', 'CC-BY-4.0'],
  ['SUSE', 'CC-BY-4.0'],
  ['openSUSE', 'CC-BY-4.0'],
  ['Ubuntu', 'CC-BY-SA-4.0'],
  ['Wolfi', 'Apache-2.0'],
  ['crates.io', 'CC0-1.0'],
  ['npm', 'CC-BY-4.0'],
]);

/** An ecosystem's export in OSV format. */
export function osvFeed(ecosystem: string): ListedFeed {
  return {
    name: `osv:${ecosystem}`,
    publisher: 'osv.dev',
    licence: licences.get(ecosystem) ?? 'see osv.dev',
    supersedes: null,
    read: readOsv,
  };
}

async function* readOsv(files: readonly LocalFile[]): AsyncGenerator<FeedRecord> {
  for (const local of files) {
    if (local.path === wholeExport) yield* readWhole(local);
    else yield await readOne(local);
  }
}

async function* readWhole({ file }: LocalFile): AsyncGenerator<FeedRecord> {
  const fd = open(file);
  let records = 0;
  let rejected = 0;
  let why = '';
  try {
    for await (const entry of readArchive(fd, file)) {
      const record =
        'rejected' in entry ? rejectedBy(entry.name, entry.rejected) : recordOf(entry.name, entry.value);
      if (record.kind === 'rejected') {
        rejected += 1;
        ({ why } = record);
      } else records += 1;
      yield record;
    }
  } finally {
    closeSync(fd);
  }
  if (records > 0 || rejected === 0) return;
  throw new PratiqueError(
    'advisories-unreadable',
    `${file} holds ${rejected} entries of which none is an OSV record (one of them: ${why})`,
    { file, rejected },
  );
}

async function readOne({ path, file }: LocalFile): Promise<FeedRecord> {
  const { size } = await stat(file);
  if (size > archiveLimits.entryBytes) {
    return rejectedBy(path, `it has more than ${archiveLimits.entryBytes} bytes`);
  }
  const text = await readFile(file, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    return recordOf(path, value);
  } catch (error) {
    return rejectedBy(path, `it is no JSON (${errorText(error).slice(0, 100)})`);
  }
}

function recordOf(name: string, value: unknown): FeedRecord {
  const parsed = parseOsvRecord(value);
  if ('advisory' in parsed) return { kind: 'advisory', advisory: parsed.advisory };
  if ('skipped' in parsed) return { kind: 'withdrawn', id: name.replace(/\.json$/, '') };
  return rejectedBy(name, parsed.rejected);
}

function rejectedBy(name: string, why: string): FeedRecord {
  return { kind: 'rejected', name, why };
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${file} cannot be read: ${errorText(error)}`,
      { file },
      error,
    );
  }
}
