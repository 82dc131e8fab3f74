import type { Cataloger } from '../cataloger.ts';
import { isRubyCandidate, isRubyFolder, matchRuby } from './match.ts';
import { parseGemspec } from './parse.ts';

export const ruby: Cataloger = {
  name: 'ruby',
  version: 1,
  match: matchRuby,
  parse: parseGemspec,
  database: [],
  folders: [],
  isFolder: isRubyFolder,
  isCandidate: isRubyCandidate,
};
