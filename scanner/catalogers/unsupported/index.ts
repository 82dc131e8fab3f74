import type { Cataloger } from '../cataloger.ts';
import { matchUnsupported, pacmanFolder } from './match.ts';
import { parseUnsupported } from './parse.ts';

export const unsupported: Cataloger = {
  name: 'unsupported',
  version: 2,
  match: matchUnsupported,
  parse: parseUnsupported,
  database: [],
  folders: [pacmanFolder],
  isCandidate: () => false,
};
