import type { FeedDefinition, FeedRecord, LocalFile } from '../feed.ts';
import { jsonMembers } from '../json-members.ts';
import { closeFile, openFile, unreadable } from '../unreadable.ts';
import { parseDebianSource } from './parse.ts';

export const debianTracker: FeedDefinition = {
  name: 'debian-tracker',
  publisher: 'Debian security team',
  // Moritz Mühlenhoff of the team, 17 May 2022: "We don't have a specific license, but you have our endorsement".
  licence: 'no licence is stated; the Debian security team endorses reuse',
  remote: async () => [
    { path: 'tracker.json', url: 'https://security-tracker.debian.org/tracker/data/json' },
  ],
  async *read(files) {
    for (const file of files) yield* readOne(file);
  },
};

/** One object with a member per source package, some 75 MB in 2026. */
function* readOne(local: LocalFile): Generator<FeedRecord> {
  const file = openFile(local.file, `debian-tracker/${local.path}`);
  const unknown = new Set<string>();
  let advisories = 0;
  let refused: string | null = null;
  try {
    for (const part of jsonMembers(file)) {
      const records: readonly FeedRecord[] =
        'rejected' in part
          ? [{ kind: 'rejected', name: part.key, why: part.rejected }]
          : parseDebianSource(part.key, part.value);
      for (const record of records) {
        if (record.kind === 'advisory') advisories++;
        else if (record.kind === 'rejected') {
          if (unknown.has(record.name)) continue;
          if (record.name.startsWith('release ') && unknown.size < mostUnknown) unknown.add(record.name);
          refused ??= `${record.name}: ${record.why}`;
        }
        yield record;
      }
    }
    if (advisories === 0) {
      throw unreadable(
        file,
        `none of it is a source package with CVEs${refused === null ? '' : ` (${refused})`}`,
      );
    }
  } finally {
    closeFile(file);
  }
}

/** Releases that have no number here and are told once; were there more, they would be told each time. */
const mostUnknown = 100;
