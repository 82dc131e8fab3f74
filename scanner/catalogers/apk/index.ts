import { baseOf } from '../../archive/tar-path.ts';
import type { Cataloger } from '../cataloger.ts';
import { databases, matchApk } from './match.ts';
import { parseInstalled } from './parse.ts';

export const apk: Cataloger = {
  name: 'apk',
  version: 4,
  match: matchApk,
  parse: parseInstalled,
  database: databases,
  folders: [],
  isCandidate: (path) => baseOf(path) === 'installed',
};
