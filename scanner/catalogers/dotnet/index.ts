import type { Cataloger } from '../cataloger.ts';
import { matchDotnet } from './match.ts';
import { parseDeps } from './parse.ts';

export const dotnet: Cataloger = {
  name: 'dotnet',
  version: 1,
  match: matchDotnet,
  parse: parseDeps,
  database: [],
  folders: [],
  isCandidate: () => false,
};
