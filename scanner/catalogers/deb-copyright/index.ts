import type { Cataloger } from '../cataloger.ts';
import { matchCopyright } from './match.ts';
import { parseCopyright } from './parse.ts';

/** Where Debian and its kin say under which licences a package is: dpkg's database does not. */
export const debCopyright: Cataloger = {
  name: 'deb-copyright',
  version: 1,
  match: matchCopyright,
  parse: parseCopyright,
  database: [],
  folders: [],
  isCandidate: () => false,
};
