import type { Cataloger } from '../cataloger.ts';
import { databases, matchApk } from './match.ts';
import { parseInstalled } from './parse.ts';

export const apk: Cataloger = {
  name: 'apk',
  version: 1,
  match: matchApk,
  parse: parseInstalled,
  database: databases,
  folders: [],
  candidate: 'installed',
};
