import type { Cataloger } from '../cataloger.ts';
import { matchJdk } from './match.ts';
import { parseJdk } from './parse.ts';

/** Java runtimes without a package. Those of virtual machines that do not tell their version are found by it alone. */
export const jdk: Cataloger = {
  name: 'jdk',
  version: 1,
  match: matchJdk,
  parse: parseJdk,
  database: [],
  folders: [],
  isCandidate: () => false,
};
