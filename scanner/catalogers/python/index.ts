import type { Cataloger } from '../cataloger.ts';
import { parseEgg } from './egg.ts';
import { isEgg, isVendored, matchPython } from './match.ts';
import { parseMetadata } from './parse.ts';
import { parseVendored } from './vendored.ts';

export const python: Cataloger = {
  name: 'python',
  version: 4,
  match: matchPython,
  parse: (path, content) => {
    if (isEgg(path)) return parseEgg(path, content);
    return isVendored(path) ? parseVendored(path, content) : parseMetadata(path, content);
  },
  database: [],
  folders: [],
  isCandidate: () => false,
};
