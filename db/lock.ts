import Database from 'better-sqlite3';
import { PratiqueError } from '../core/errors.ts';

/** For a server, which has the data folder to itself. */
export const servingAlone = 'stop it, or give this one a data folder of its own (--data DIR)';

/**
 * Makes sure that one process at a time does something with a data folder. The lock is the operating system's, on an
 * SQLite file, so it ends with the process however that ends.
 * @param advice what to do where another one has it
 * @throws PratiqueError `data-locked`
 */
export function lockFolder(file: string, advice = servingAlone): () => void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new PratiqueError(
      'data-locked',
      `${file} is held by another running Pratique: ${advice}`,
      { file },
      error,
    );
  }
  return () => {
    db.close();
  };
}
