import type { Cataloger } from '../cataloger.ts';
import { matchNpm } from './match.ts';
import { parsePackageJson } from './parse.ts';

export const npm: Cataloger = {
  name: 'npm',
  version: 1,
  match: matchNpm,
  parse: parsePackageJson,
  database: [],
  folders: [],
  candidate: 'package.json',
};
