import { type FileFacts, onlyIncomplete } from '../cataloger.ts';
import { kindOf } from './match.ts';

export function parseUnsupported(path: string): FileFacts {
  return onlyIncomplete(
    path,
    `this is a package database of ${kindOf(path) ?? 'an unknown kind'}, which is not read yet`,
  );
}
