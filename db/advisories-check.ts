import { closeSync, openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';
import { errorText } from '../core/errors.ts';
import type { FeedState } from '../core/ports/advisories.ts';
import { openAdvisoryIndex } from './advisories-file.ts';
import { storedPattern } from './advisories-name.ts';
import { advisoriesIndices, advisoriesSchema, applicationId, schemaVersion } from './advisories-schema.ts';
import type { Sqlite } from './sqlite.ts';

/** What a file from elsewhere was found to be. */
export type CheckedFile =
  | { readonly kind: 'good'; readonly stored: string; readonly feeds: readonly FeedState[] }
  /** `why` is the end of a sentence that begins with the file. */
  | { readonly kind: 'bad'; readonly why: string };

/** Bytes of one field. The longest of 2026 has some 20 KiB. */
const largestField = 4 * 1024 ** 2;
const mostFeeds = 1000;
const mostComplaints = 3;
/** Offsets of the versions of the format, of which 2 means WAL (SQLite file format, 1.3). */
const writeVersionAt = 18;
const sqliteStart = 'SQLite format 3\u0000';

export { schemaVersion } from './advisories-schema.ts';

/**
 * Looks at every page of a file that somebody else has made, as SQLite advises for those ("Defense Against The Dark
 * Arts"): read only, with nothing in its schema trusted or run, and with no table, index, view or trigger in it but those
 * that are made here.
 */
export function checkAdvisoriesFile(file: string): CheckedFile {
  let db: Sqlite | null = null;
  try {
    const start = headOf(file);
    if (start.toString('latin1', 0, sqliteStart.length) !== sqliteStart) return bad('is no SQLite database');
    if (start[writeVersionAt] !== 1 || start[writeVersionAt + 1] !== 1) {
      return bad('is a database with a journal of its own (WAL), as no export is');
    }
    db = openUntrusted(file);
    const problem = problemOf(db);
    if (problem !== null) return bad(problem);
    const stored = revisionIn(db);
    if (stored === null) return bad('names no revision, or one that is none');
    db.close();
    // Reads what readers read at the start.
    const index = openAdvisoryIndex(file);
    const { feeds } = index;
    index.close();
    if (feeds.length === 0 || feeds.length > mostFeeds) return bad(`holds ${feeds.length} feeds`);
    const timeless = feeds.find(({ updatedAt }) => Number.isNaN(Date.parse(updatedAt)));
    if (timeless !== undefined) return bad('has a feed whose time is none');
    return { kind: 'good', stored, feeds };
  } catch (error) {
    return bad(`cannot be read: ${errorText(error).slice(0, 500)}`);
  } finally {
    db?.close();
  }
}

/** What is wrong with the pages of one's own file, as the end of a sentence; null: nothing. */
export function damageOf(file: string): string | null {
  let db: Sqlite | null = null;
  try {
    db = openUntrusted(file);
    return complaintsOf(db);
  } catch (error) {
    return `cannot be read: ${errorText(error)}`;
  } finally {
    db?.close();
  }
}

function bad(why: string): CheckedFile {
  return { kind: 'bad', why };
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(100);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  return head;
}

/** Extensions cannot be loaded either way: better-sqlite3 leaves that off until it is asked for. */
function openUntrusted(file: string): Sqlite {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('mmap_size = 0');
    db.pragma('query_only = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function problemOf(db: Sqlite): string | null {
  const application = db.pragma('application_id', { simple: true });
  if (application !== applicationId) return 'is another program’s database';
  const version = db.pragma('user_version', { simple: true });
  if (version !== schemaVersion) return `has schema ${String(version)}, this Pratique reads ${schemaVersion}`;
  return schemaProblem(db) ?? complaintsOf(db) ?? largeField(db);
}

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

function schemaProblem(db: Sqlite): string | null {
  const own = ownSchema();
  const found = schemaOf(db);
  const known = new Set(own.map(textOf));
  const foreign = found.find((row) => !known.has(textOf(row)));
  if (foreign !== undefined) {
    return `has a ${foreign.type} "${foreign.name.slice(0, 60)}" that Pratique does not make so`;
  }
  if (found.length === own.length) return null;
  const names = new Set(found.map(({ name }) => name));
  return `lacks ${own.find(({ name }) => !names.has(name))?.name ?? 'a part'}`;
}

function ownSchema(): readonly SchemaRow[] {
  const db = new Database(':memory:');
  try {
    db.exec(advisoriesSchema);
    db.exec(advisoriesIndices);
    return schemaOf(db);
  } finally {
    db.close();
  }
}

function schemaOf(db: Sqlite): readonly SchemaRow[] {
  return db.prepare<[], SchemaRow>('SELECT type, name, tbl_name, sql FROM sqlite_schema LIMIT 1000').all();
}

function textOf({ type, name, tbl_name: table, sql }: SchemaRow): string {
  return JSON.stringify([type, name, table, sql]);
}

function complaintsOf(db: Sqlite): string | null {
  const rows = db.pragma(`integrity_check(${mostComplaints})`) as readonly Record<string, unknown>[];
  const texts = rows.map((row) => String(Object.values(row)[0]));
  return texts.length === 1 && texts[0] === 'ok' ? null : `is damaged: ${texts.join('; ').slice(0, 300)}`;
}

/** A reader holds rows in memory, however long they are. Names of tables and columns are one's own by now. */
function largeField(db: Sqlite): string | null {
  for (const { type, name } of schemaOf(db)) {
    if (type !== 'table') continue;
    const columns = db.pragma(`table_info("${name}")`) as readonly { readonly name: string }[];
    const lengths = columns.map((column) => `coalesce(max(octet_length("${column.name}")), 0)`).join(', ');
    const longest = db.prepare<[], Record<string, number>>(`SELECT ${lengths} FROM "${name}"`).get() ?? {};
    if (Object.values(longest).some((length) => length > largestField)) {
      return `has a field in ${name} with more than ${largestField} bytes`;
    }
  }
  return null;
}

function revisionIn(db: Sqlite): string | null {
  const rows = db.prepare<[], { revision: string }>('SELECT revision FROM revision LIMIT 2').all();
  const [row] = rows;
  return row !== undefined && rows.length === 1 && storedPattern.test(row.revision) ? row.revision : null;
}
