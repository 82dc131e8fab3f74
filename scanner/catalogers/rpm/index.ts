import type { Cataloger } from '../cataloger.ts';
import { databases, folders, isDatabaseElsewhere, matchRpm } from './match.ts';
import { parseRpm } from './parse.ts';

export const rpm: Cataloger = {
  name: 'rpm',
  version: 1,
  match: matchRpm,
  parse: parseRpm,
  database: databases,
  folders,
  isCandidate: isDatabaseElsewhere,
};
