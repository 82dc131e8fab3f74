import type { Cataloger } from '../cataloger.ts';
import { isCondaFolder, matchConda } from './match.ts';
import { parseRecord } from './parse.ts';

export const conda: Cataloger = {
  name: 'conda',
  version: 1,
  match: matchConda,
  parse: parseRecord,
  database: [],
  folders: [],
  isFolder: isCondaFolder,
  isCandidate: () => false,
};
