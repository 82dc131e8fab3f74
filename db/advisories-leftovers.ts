import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { errorCode } from '../core/errors.ts';
import type { Sqlite } from './sqlite.ts';

/** Part of the name of a file that an import is writing. */
export const leftoverMark = '.import-';

/**
 * Removes what killed imports left beside `file`. An import holds a lock on its file for as long as it lives, in whatever
 * process: a file that can be locked is nobody's.
 */
export function removeLeftovers(file: string): void {
  const directory = dirname(file);
  const prefix = `${basename(file)}${leftoverMark}`;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name.replace(/-journal$/, ''));
    if (isLocked(path)) continue;
    rmSync(path, { force: true });
    rmSync(`${path}-journal`, { force: true });
  }
}

function isLocked(path: string): boolean {
  let db: Sqlite | null = null;
  try {
    db = new Database(path, { timeout: 0, fileMustExist: true });
    db.exec('BEGIN IMMEDIATE');
    return false;
  } catch (error) {
    return errorCode(error)?.startsWith('SQLITE_BUSY') === true;
  } finally {
    db?.close();
  }
}
