import { type Cataloger, noFacts } from '../cataloger.ts';
import { parseEgg } from './egg.ts';
import { isCopy, isEgg, isVendored, matchPython } from './match.ts';
import { parseMetadata } from './parse.ts';
import { parseVendored } from './vendored.ts';

export const python: Cataloger = {
  name: 'python',
  version: 5,
  match: matchPython,
  parse: (path, content) => {
    if (isEgg(path)) return parseEgg(path, content);
    if (isCopy(path)) return noFacts;
    return isVendored(path) ? parseVendored(path, content) : parseMetadata(path, content);
  },
  database: [],
  folders: [],
  isCandidate: () => false,
};
