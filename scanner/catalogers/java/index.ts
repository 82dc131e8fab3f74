import type { Cataloger } from '../cataloger.ts';
import { matchJava } from './match.ts';
import { parseJava } from './parse.ts';

export const java: Cataloger = {
  name: 'java',
  version: 3,
  match: matchJava,
  parse: parseJava,
  database: [],
  folders: [],
  isCandidate: () => false,
};
