import type { Cataloger } from '../cataloger.ts';
import { parseFiles } from './file-list.ts';
import { isFileList, localFolder, matchPacman } from './match.ts';
import { parseDesc } from './parse.ts';

/** pacman's packages, one folder each (alpm is the library that keeps them). */
export const pacman: Cataloger = {
  name: 'pacman',
  version: 1,
  match: matchPacman,
  parse: (path, content) => (isFileList(path) ? parseFiles : parseDesc)(path, content),
  database: [],
  folders: [localFolder],
  isCandidate: () => false,
};
