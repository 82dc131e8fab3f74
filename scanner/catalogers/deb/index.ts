import type { Cataloger } from '../cataloger.ts';
import { matchDeb, statusFile } from './match.ts';
import { parseStatus } from './parse.ts';

export const deb: Cataloger = {
  name: 'deb',
  version: 1,
  match: matchDeb,
  parse: parseStatus,
  database: [statusFile],
  folders: ['var/lib/dpkg/status.d'],
  candidate: 'status',
};
