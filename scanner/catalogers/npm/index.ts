import type { Cataloger } from '../cataloger.ts';
import { isNpmCandidate, matchNpm } from './match.ts';
import { parsePackageJson } from './parse.ts';

export const npm: Cataloger = {
  name: 'npm',
  version: 2,
  match: matchNpm,
  parse: parsePackageJson,
  database: [],
  folders: [],
  isCandidate: isNpmCandidate,
};
