import { baseOf } from '../../archive/tar-path.ts';
import type { Cataloger } from '../cataloger.ts';
import { copyrightOf } from '../deb-copyright/match.ts';
import { parseFileList } from './file-list.ts';
import { isFileList, matchDeb, statusFile } from './match.ts';
import { parseStatus } from './parse.ts';

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
