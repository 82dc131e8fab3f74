import type { Cataloger } from '../cataloger.ts';
import { parseEgg } from './egg.ts';
import { isEgg, matchPython } from './match.ts';
import { parseMetadata } from './parse.ts';

export const python: Cataloger = {
  name: 'python',
  version: 2,
  match: matchPython,
  parse: (path, content) => (isEgg(path) ? parseEgg : parseMetadata)(path, content),
  database: [],
  folders: [],
  isCandidate: () => false,
};
