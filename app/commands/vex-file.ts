import { readFileSync, statSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { readVex } from '../../policy/vex/read.ts';
import { type VexDocument, vexLimits } from '../../policy/vex/statement.ts';

/** A file of `--vex`. @throws PratiqueError `usage-invalid` */
export function readVexFile(file: string): VexDocument {
  const refuse = (why: string, cause?: unknown): PratiqueError =>
    new PratiqueError('usage-invalid', `--vex ${file}: ${why}`, { file }, cause);
  let text: string;
  try {
    const { size } = statSync(file);
    // A character has four bytes at most.
    if (size > 4 * vexLimits.characters) throw refuse(`it has ${size} bytes, and 4 MiB are read`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw error instanceof PratiqueError ? error : refuse(`it cannot be read: ${errorText(error)}`, error);
  }
  const document = readVex(text, file);
  if (typeof document === 'string') throw refuse(document);
  return document;
}
