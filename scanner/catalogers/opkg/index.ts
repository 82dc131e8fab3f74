import type { Cataloger } from '../cataloger.ts';
import { parseControl } from './control.ts';
import { parseFileList } from './file-list.ts';
import { controlOf, isFileList, matchControl, matchOpkg, statusFiles } from './match.ts';
import { parseStatus } from './parse.ts';

export const opkg: Cataloger = {
  name: 'opkg',
  version: 1,
  match: matchOpkg,
  parse: (path, content) => (isFileList(path) ? parseFileList : parseStatus)(path, content),
  database: statusFiles,
  // OpenWrt keeps all of `var` in memory, behind a link: no folder there is of note.
  folders: ['usr/lib/opkg'],
  isCandidate: () => false,
  notesAt: (path, { name }) => controlOf(path, name),
};

/** On its own, because these files are no database: they do not stand in for one that was removed. */
export const opkgControl: Cataloger = {
  name: 'opkg-control',
  version: 1,
  match: matchControl,
  parse: parseControl,
  database: [],
  folders: [],
  isCandidate: () => false,
};
