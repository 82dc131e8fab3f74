import type { Cataloger } from '../cataloger.ts';
import { parseManifest } from './manifest.ts';
import { databases, folders, isDatabaseElsewhere, manifest, matchPending, matchRpm } from './match.ts';
import { parsePending, parseRpm } from './parse.ts';

export const rpm: Cataloger = {
  name: 'rpm',
  version: 3,
  match: matchRpm,
  parse: (path, content) => (path === manifest ? parseManifest : parseRpm)(path, content),
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
