import Database from 'better-sqlite3';
import { PratiqueError } from '../core/errors.ts';

export type Sqlite = Database.Database;

/**
 * Each package of a new image is a row in another page of the index from packages to images; what does not fit is written
 * to the disk in the middle of a transaction, again and again.
 */
const cacheKibibytes = 65_536;

/** Opens (or makes) a database file in WAL mode. A commit is on disk when it returns. */
export function openDatabase(file: string): Sqlite {
  return openForWriting(file, false);
}

/** As `openDatabase`, for a file that somebody else has made. */
export function openExisting(file: string): Sqlite {
  return openForWriting(file, true);
}

function openForWriting(file: string, fileMustExist: boolean): Sqlite {
  try {
    const db = new Database(file, { fileMustExist });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    // What a call inside a shared transaction would be taken back with: a page for each of its rows, once more.
    db.pragma('temp_store = MEMORY');
    db.pragma(`cache_size = ${-cacheKibibytes}`);
    return db;
  } catch (error) {
    throw unusable(file, error);
  }
}

export function openReadOnly(file: string): Sqlite {
  try {
    return new Database(file, { readonly: true, fileMustExist: true });
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): PratiqueError {
  const why = error instanceof Error ? error.message : String(error);
  return new PratiqueError('data-unusable', `${file} cannot be used as a database: ${why}`, { file }, error);
}

/** For who only reads: @throws PratiqueError `data-unusable` where the file does not have the newest schema */
export function requireSchema(db: Sqlite, file: string, steps: readonly string[]): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version === steps.length) return;
  throw new PratiqueError(
    'data-unusable',
    version > steps.length
      ? `${file} has schema ${version}, this Pratique knows ${steps.length}: use the newer version that wrote it`
      : `${file} has schema ${version}, this Pratique needs ${steps.length}: start "pratique serve" once, it brings the file up to date`,
    { file, found: version, known: steps.length },
  );
}

/**
 * Brings the file to the newest schema. `steps[n]` leads from version n to n + 1; all run in one transaction.
 * A file from a newer Pratique is refused, never guessed at.
 */
export function migrate(db: Sqlite, file: string, steps: readonly string[]): void {
  db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > steps.length) {
      throw new PratiqueError(
        'data-unusable',
        `${file} has schema ${version}, this Pratique knows ${steps.length}: use the newer version that wrote it`,
        { file, found: version, known: steps.length },
      );
    }
    for (const step of steps.slice(version)) db.exec(step);
    db.pragma(`user_version = ${steps.length}`);
  }).immediate();
}
