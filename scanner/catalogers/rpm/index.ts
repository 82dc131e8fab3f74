import type { Cataloger } from '../cataloger.ts';
import { databases, folders, isDatabaseElsewhere, matchPending, matchRpm } from './match.ts';
import { parsePending, parseRpm } from './parse.ts';

export const rpm: Cataloger = {
  name: 'rpm',
  version: 2,
  match: matchRpm,
  parse: parseRpm,
  database: databases,
  folders,
  isCandidate: isDatabaseElsewhere,
};

/** On its own, because these files are no database: they do not stand in for one that was removed. */
export const rpmPending: Cataloger = {
  name: 'rpm-pending',
  version: 1,
  match: matchPending,
  parse: parsePending,
  database: [],
  folders: [],
  isCandidate: () => false,
};
