import { type FileFacts, onlyIncomplete } from '../cataloger.ts';
import { managerOf } from './match.ts';

export function parseUnsupported(path: string): FileFacts {
  const manager = managerOf(path) ?? 'a package manager';
  return onlyIncomplete(path, `this is a package database of ${manager}, which is not read`);
}
