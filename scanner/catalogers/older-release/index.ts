import type { Cataloger } from '../cataloger.ts';
import { matchOlderRelease } from './match.ts';
import { parseOlderRelease } from './parse.ts';

/** What told a system's release before there was os-release, and what still does beside it. */
export const olderRelease: Cataloger = {
  name: 'older-release',
  version: 1,
  match: matchOlderRelease,
  parse: parseOlderRelease,
  database: [],
  folders: [],
  isCandidate: () => false,
};
