import type { Cataloger } from '../cataloger.ts';
import { isPhpFolder, matchPhp } from './match.ts';
import { parseInstalled } from './parse.ts';

export const php: Cataloger = {
  name: 'php',
  version: 1,
  match: matchPhp,
  parse: parseInstalled,
  database: [],
  folders: [],
  isFolder: isPhpFolder,
  isCandidate: () => false,
};
