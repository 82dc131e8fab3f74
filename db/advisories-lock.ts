import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { errorCode, errorText, PratiqueError } from '../core/errors.ts';

/** `swap`: another file is put in force, a matter of milliseconds. `import`: a file is unpacked and looked at. */
export type AdvisoriesLock = 'swap' | 'import';

/** Milliseconds that are waited for another process. */
const patience = { swap: 10_000, import: 0 } as const;

/**
 * One process at a time. The lock is the operating system's, on an SQLite file, so it ends with the process however
 * that ends.
 * @param folder of the kept revisions; made if it is not there
 * @returns what gives it back
 * @throws PratiqueError `data-locked`, `data-unusable`
 */
export function lockAdvisories(folder: string, which: AdvisoriesLock): () => void {
  const file = join(folder, `${which}.lock`);
  let db: Database.Database | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    db = new Database(file, { timeout: patience[which] });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    const code = errorCode(error) ?? '';
    const isBusy = code.startsWith('SQLITE_BUSY');
    throw isBusy
      ? new PratiqueError(
          'data-locked',
          `${file} is held by another process that brings in advisories: wait for its end`,
          { file },
          error,
        )
      : new PratiqueError(
          'data-unusable',
          `${folder} cannot be used: ${errorText(error)}`,
          { folder },
          error,
        );
  }
  const held = db;
  return () => {
    held.close();
  };
}
