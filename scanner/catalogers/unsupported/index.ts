import type { Cataloger } from '../cataloger.ts';
import { matchUnsupported, pacmanFolder, rpmFolders } from './match.ts';
import { parseUnsupported } from './parse.ts';

export const unsupported: Cataloger = {
  name: 'unsupported',
  version: 1,
  match: matchUnsupported,
  parse: parseUnsupported,
  database: [],
  folders: [...rpmFolders, pacmanFolder],
  isCandidate: () => false,
};
