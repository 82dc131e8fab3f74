import type { Cataloger } from '../cataloger.ts';
import { matchSbom } from './match.ts';
import { parseSbom } from './parse.ts';

/** Bills of materials that packagers put into images. What other catalogers find too counts once (found-once.ts). */
export const sbom: Cataloger = {
  name: 'sbom',
  version: 1,
  match: matchSbom,
  parse: parseSbom,
  database: [],
  folders: [],
  isCandidate: () => false,
};
