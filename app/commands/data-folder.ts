import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';

/**
 * Makes the folder of all state if it is not there; nobody else may look into it.
 * @throws PratiqueError `data-unusable`
 */
export function makeDataFolder(dir: string): void {
  try {
    makeLevels(dir);
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the data folder ${dir} cannot be made: ${errorText(error)}. Choose another with --data DIR`,
      { dir },
      error,
    );
  }
}

/** Level by level: Node's own recursive way never ends where a file system takes no new folders (/proc). */
function makeLevels(dir: string): void {
  const missing: string[] = [];
  for (let level = dir; !existsSync(level) && level !== dirname(level); level = dirname(level))
    missing.push(level);
  for (const level of missing.reverse()) mkdirSync(level, { mode: 0o700 });
  // Also for a folder that is there: says so where it is a file.
  if (missing.length === 0) mkdirSync(dir, { recursive: true, mode: 0o700 });
}
