import { type Found, fault } from './found.ts';
import { SqlitePages } from './sqlite-pages.ts';
import { columnsOf, isBlob, numberOf, textOf } from './sqlite-record.ts';

const magic = Buffer.from('SQLite format 3\0', 'latin1');
const table = 'packages';

export function isSqlite(file: Buffer): boolean {
  return file.subarray(0, magic.length).equals(magic);
}

/** The headers in `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)`, as rpm's sqlite backend keeps them. */
export function* readSqlite(file: Buffer): Generator<Found> {
  const shape = shapeOf(file);
  if (typeof shape === 'string') {
    yield fault(shape);
    return;
  }
  const { pageSize, reserved, pages } = shape;
  if (pages > Math.floor(file.length / pageSize)) {
    yield fault(
      `it is cut: ${pages} pages of ${pageSize} bytes are said to be in it, it has ${file.length} bytes`,
    );
  }
  const tree = new SqlitePages(file, pageSize, reserved);
  let root: number | null = null;
  for (const row of tree.rows(1)) {
    if ('fault' in row) yield row;
    else root ??= rootOf(row.record);
  }
  if (root === null) {
    yield fault('it has no table "Packages"');
    return;
  }
  for (const row of tree.rows(root)) {
    const blob = 'record' in row ? columnsOf(row.record)?.[1] : undefined;
    if ('fault' in row) yield row;
    else if (blob === undefined || !isBlob(blob)) yield fault('a row of its table "Packages" has no blob');
    else yield { header: blob.bytes };
  }
}

interface Shape {
  readonly pageSize: number;
  readonly reserved: number;
  /** As the header counts them; 0 where it does not. */
  readonly pages: number;
}

/** SQLite file format, "The Database Header". A sentence where the file cannot be read. */
function shapeOf(file: Buffer): Shape | string {
  if (file.length < 512) return 'it is too short to be an SQLite database';
  const stated = file.readUInt16BE(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    return `it has pages of ${pageSize} bytes, which SQLite has not`;
  if (file.length < pageSize) return 'it is shorter than one of its pages';
  const version = file.readUInt8(19);
  if (version > 2) return `it is of format ${version}, which is not known here`;
  const reserved = file.readUInt8(20);
  if (pageSize - reserved < 480) return `it reserves ${reserved} bytes of each page, which SQLite does not`;
  const encoding = file.readUInt32BE(56);
  if (encoding > 1) return 'its text is not in UTF-8';
  // The count is valid if it was written with the last change.
  const isCounted = file.readUInt32BE(24) === file.readUInt32BE(92);
  return { pageSize, reserved, pages: isCounted ? file.readUInt32BE(28) : 0 };
}

/** The first page of the table "Packages", where this row of the schema tells it. */
function rootOf(record: Buffer): number | null {
  const columns = columnsOf(record);
  if (columns === null) return null;
  const isTable = textOf(columns[0]) === 'table' && textOf(columns[1])?.toLowerCase() === table;
  return isTable ? numberOf(columns[3]) : null;
}

const walHeader = 32;
const walMagics: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683]);

/**
 * Whether a write-ahead log or rollback journal has nothing in it that the database has not. A log's frames count
 * only with the salts of its header (SQLite file format, "The Write-Ahead Log").
 */
export function isSpent(file: Buffer): boolean {
  if (file.length === 0) return true;
  if (file.length < walHeader || !walMagics.has(file.readUInt32BE(0))) return false;
  if (file.length < walHeader + 24) return true;
  return !file.subarray(16, 24).equals(file.subarray(walHeader + 8, walHeader + 16));
}
