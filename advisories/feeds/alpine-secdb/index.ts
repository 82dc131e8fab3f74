import { PratiqueError } from '../../../core/errors.ts';
import type { FeedDefinition, FeedRecord, LocalFile, RemoteFile } from '../feed.ts';
import { readSecdb } from '../secdb/read.ts';
import { alpineDialect, alpineFile } from './parse.ts';

const base = 'https://secdb.alpinelinux.org';

/** The first release that has a database, the newest one known (June 2026), and how many after it are asked for. */
const firstMinor = 3;
const newestMinor = 24;
const toCome = 3;
/** From here on releases had support when this was written; older ones may be taken down, and coverage then says so. */
const supportedFrom = 21;

export const alpineSecdb: FeedDefinition = {
  name: 'alpine-secdb',
  publisher: 'Alpine Linux',
  // https://secdb.alpinelinux.org/license.txt
  licence: 'CC-BY-SA-4.0',
  remote: async () => remoteFiles(),
  async *read(files) {
    for (const file of files) yield* readOne(file);
  },
};

function remoteFiles(): readonly RemoteFile[] {
  const files: RemoteFile[] = [];
  for (let minor = firstMinor; minor <= newestMinor + toCome; minor++) {
    const isSure = minor >= supportedFrom && minor <= newestMinor;
    for (const repository of ['main', 'community']) {
      const path = `v3.${minor}/${repository}.json`;
      files.push({ path, url: `${base}/${path}`, ...(isSure ? {} : { optional: true }) });
    }
  }
  for (const path of ['edge/main.json', 'edge/community.json']) files.push({ path, url: `${base}/${path}` });
  return files;
}

function* readOne(local: LocalFile): Generator<FeedRecord> {
  const name = `alpine-secdb/${local.path}`;
  const file = alpineFile(local.path);
  if (file === null) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${name} is none of Alpine's databases: their names are like v3.19/main.json and edge/community.json`,
      { file: name },
    );
  }
  yield* readSecdb(local, name, {
    dialect: alpineDialect(file, `${base}/${local.path}`),
    stated: new Map([
      ['distroversion', file.release],
      ['reponame', file.repository],
    ]),
  });
}
