import { closeSync, openSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { describeStart } from './file-start.ts';

/** A file of a feed that is open, and what messages call it: `alpine-secdb/v3.19/main.json`. */
export interface OpenFile {
  readonly fd: number;
  readonly name: string;
}

/** @throws PratiqueError `advisories-unreadable` */
export function openFile(file: string, name: string): OpenFile {
  try {
    return { fd: openSync(file, 'r'), name };
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${name} cannot be opened: ${errorText(error)}`,
      { file: name },
      error,
    );
  }
}

export function closeFile(file: OpenFile): void {
  closeSync(file.fd);
}

/** For a file that is none of its feed's: names it, says why, and what was fetched instead. */
export function unreadable(file: OpenFile, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError(
    'advisories-unreadable',
    `${file.name} cannot be read: ${why}; it begins like ${describeStart(file.fd)}`,
    { file: file.name },
    cause,
  );
}

export function tooMuch(file: OpenFile, what: string): PratiqueError {
  return new PratiqueError('limit-exceeded', `${file.name} has ${what}. Nothing of it was imported`, {
    file: file.name,
  });
}
