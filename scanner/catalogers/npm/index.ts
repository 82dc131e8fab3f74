import type { Cataloger } from '../cataloger.ts';
import { isNpmCandidate, matchNpm } from './match.ts';
import { parseNpm } from './parse.ts';

export const npm: Cataloger = {
  name: 'npm',
  version: 3,
  match: matchNpm,
  parse: parseNpm,
  database: [],
  folders: [],
  isCandidate: isNpmCandidate,
};
