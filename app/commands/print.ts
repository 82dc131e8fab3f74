import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Console } from '../console.ts';

/**
 * Where a command's document goes. A file is there whole or not at all, and only when there is a document.
 * @param output null: printed
 * @throws PratiqueError `usage-invalid`, at once where the file could not be written
 */
export function printerTo(output: string | null, console: Console): (document: string) => void {
  if (output === null) return console.out;
  const folder = statSync(dirname(output), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true) throw unwritable(output, `there is no folder "${dirname(output)}"`);
  const there = statSync(output, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) throw unwritable(output, 'it is there and no file');
  return (document) => {
    try {
      writeWhole(output, `${document}\n`);
    } catch (error) {
      throw unwritable(output, errorText(error), error);
    }
  };
}

function writeWhole(file: string, text: string): void {
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const handle = openSync(draft, 'wx', 0o644);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function unwritable(file: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('usage-invalid', `--output: "${file}" cannot be written: ${why}`, { file }, cause);
}
