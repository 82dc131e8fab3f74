import Database from 'better-sqlite3';
import { PratiqueError } from '../core/errors.ts';

/**
 * Makes sure that one server at a time uses a data folder. The lock is the operating system's, on an SQLite
 * file, so it ends with the process however that ends.
 * @throws PratiqueError `data-locked`
 */
export function lockFolder(file: string): () => void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new PratiqueError(
      'data-locked',
      `${file} is held by another running Pratique: stop it, or give this one a data folder of its own (--data DIR)`,
      { file },
      error,
    );
  }
  return () => {
    db.close();
  };
}
