/** A number of one to nine bytes (SQLite file format, "variable-length integer"), and where it ends. */
export interface Varint {
  /** Inexact above 2^53: no size of anything in a file comes near. */
  readonly value: number;
  readonly end: number;
}

export function readVarint(bytes: Buffer, start: number): Varint | null {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return null;
    if (i === 8) return { value: value * 256 + byte, end: start + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return null;
}

/** A value of a record: its serial type and its bytes. */
export interface Column {
  readonly type: number;
  readonly bytes: Buffer;
}

/** Tables of interest have five at most. */
const mostColumns = 16;
/** Bytes of serial types 0 to 9; 10 and 11 are for internal use. */
const fixedSizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

/** Takes a record apart (SQLite file format, "Record Format"); null where it is none. */
export function columnsOf(record: Buffer): readonly Column[] | null {
  const header = readVarint(record, 0);
  if (header === null || header.value > record.length) return null;
  const columns: Column[] = [];
  let at = header.end;
  let start = header.value;
  while (at < header.value) {
    const type = readVarint(record, at);
    if (type === null || columns.length >= mostColumns) return null;
    const size = sizeOf(type.value);
    if (size === null || start + size > record.length) return null;
    columns.push({ type: type.value, bytes: record.subarray(start, start + size) });
    start += size;
    at = type.end;
  }
  return at === header.value ? columns : null;
}

function sizeOf(type: number): number | null {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return fixedSizes[type] ?? null;
}

export function isBlob(column: Column): boolean {
  return column.type >= 12 && column.type % 2 === 0;
}

/** The text of a column; null for anything else. */
export function textOf(column: Column | undefined): string | null {
  return column === undefined || column.type < 13 || column.type % 2 === 0
    ? null
    : column.bytes.toString('utf8');
}

/** A positive whole number of up to six bytes; null for anything else. */
export function numberOf(column: Column | undefined): number | null {
  if (column === undefined) return null;
  if (column.type === 9) return 1;
  if (column.type < 1 || column.type > 5) return null;
  const value = column.bytes.readIntBE(0, column.bytes.length);
  return value < 0 ? null : value;
}
