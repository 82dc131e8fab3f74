import { baseOf } from '../../archive/tar-path.ts';
import type { Cataloger } from '../cataloger.ts';
import { copyrightOf } from '../deb-copyright/match.ts';
import { parseFileList } from './file-list.ts';
import { isFileList, matchDeb, matchPending, statusFile } from './match.ts';
import { parsePending, parseStatus } from './parse.ts';

export const deb: Cataloger = {
  name: 'deb',
  version: 4,
  match: matchDeb,
  parse: (path, content) => (isFileList(path) ? parseFileList : parseStatus)(path, content),
  database: [statusFile],
  folders: ['var/lib/dpkg/status.d'],
  isCandidate: (path) => baseOf(path) === 'status',
  notesAt: (_, { name }) => copyrightOf(name),
};

/** On its own, because these files are no database: they do not stand in for one that was removed. */
export const debPending: Cataloger = {
  name: 'deb-pending',
  version: 1,
  match: matchPending,
  parse: parsePending,
  database: [],
  folders: [],
  isCandidate: () => false,
};
