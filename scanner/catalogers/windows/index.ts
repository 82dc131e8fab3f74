import type { Cataloger } from '../cataloger.ts';
import { matchWindows } from './match.ts';
import { parseWindows } from './parse.ts';

/** Layers of Windows: recognised, so that they are refused by name. */
export const windows: Cataloger = {
  name: 'windows',
  version: 1,
  match: matchWindows,
  parse: parseWindows,
  database: [],
  folders: [],
  isCandidate: () => false,
};
