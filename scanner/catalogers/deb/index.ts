import { baseOf } from '../../archive/tar-path.ts';
import type { Cataloger } from '../cataloger.ts';
import { matchDeb, statusFile } from './match.ts';
import { parseStatus } from './parse.ts';

export const deb: Cataloger = {
  name: 'deb',
  version: 2,
  match: matchDeb,
  parse: parseStatus,
  database: [statusFile],
  folders: ['var/lib/dpkg/status.d'],
  isCandidate: (path) => baseOf(path) === 'status',
};
