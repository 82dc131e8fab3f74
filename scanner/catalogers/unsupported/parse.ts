import { type FileFacts, onlyIncomplete } from '../cataloger.ts';

export function parseUnsupported(path: string): FileFacts {
  return onlyIncomplete(path, 'this is a package database of pacman, which is not read yet');
}
