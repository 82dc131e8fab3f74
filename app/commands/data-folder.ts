import { mkdirSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';

/**
 * Makes the folder of all state if it is not there; nobody else may look into it.
 * @throws PratiqueError `data-unusable`
 */
export function makeDataFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the data folder ${dir} cannot be made: ${errorText(error)}. Choose another with --data DIR`,
      { dir },
      error,
    );
  }
}
