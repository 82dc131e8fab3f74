import { baseOf } from '../../archive/tar-path.ts';
import type { Cataloger } from '../cataloger.ts';
import { files, matchOsRelease } from './match.ts';
import { parseOsRelease } from './parse.ts';

export const osRelease: Cataloger = {
  name: 'os-release',
  version: 2,
  match: matchOsRelease,
  parse: parseOsRelease,
  database: files,
  folders: [],
  isCandidate: (path) => baseOf(path) === 'os-release',
};
