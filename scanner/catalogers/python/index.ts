import type { Cataloger } from '../cataloger.ts';
import { matchPython } from './match.ts';
import { parseMetadata } from './parse.ts';

export const python: Cataloger = {
  name: 'python',
  version: 1,
  match: matchPython,
  parse: parseMetadata,
  database: [],
  folders: [],
  isCandidate: () => false,
};
