import type { Cataloger } from '../cataloger.ts';
import { matchUnsupported } from './match.ts';
import { parseUnsupported } from './parse.ts';

export const unsupported: Cataloger = {
  name: 'unsupported',
  version: 3,
  match: matchUnsupported,
  parse: parseUnsupported,
  database: [],
  folders: [],
  isCandidate: () => false,
};
