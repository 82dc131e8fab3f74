import { unreadable } from './tar-header.ts';
import { decodeName } from './tar-path.ts';

/** What extended headers say of the next entry. */
export interface Extension {
  readonly path: string | null;
  readonly linkPath: string | null;
  /** Stored bytes, whatever a sparse file's real size is. */
  readonly size: number | null;
  /** Any GNU sparse record: the stored bytes may not be the content. */
  readonly sparse: boolean;
  /** The name of a sparse file that the reader recognises as one; it comes before every other name. */
  readonly sparseName: string | null;
}

export const noExtension: Extension = {
  path: null,
  linkPath: null,
  size: null,
  sparse: false,
  sparseName: null,
};

/** Records whose values Go's reader refuses when they hold a zero byte. */
const zeroFree = new Set(['path', 'linkpath', 'uname', 'gname']);

/**
 * PAX records (POSIX pax, "extended header"): `<length> <key>=<value>\n`, repeated. The last of a key counts; an
 * empty value takes the record back.
 * @throws PratiqueError `layer-unreadable`
 */
export function readPax(content: Buffer): Extension {
  const records = new Map<string, Buffer>();
  const sparseMap: string[] = [];
  for (let start = 0; start < content.length; ) {
    const { key, value, end } = readRecord(content, start);
    // Format 0.0 repeats two keys; read together they are the map of 0.1.
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
      sparseMap.push(value.toString('latin1'));
    else records.set(key, value);
    start = end;
  }
  const name = (key: string): string | null => {
    const value = records.get(key);
    return value === undefined || value.length === 0 ? null : decodeName(value);
  };
  const map = sparseMap.length > 0 ? sparseMap.join(',') : (name('GNU.sparse.map') ?? '');
  const known = isKnownSparse(name('GNU.sparse.major') ?? '', name('GNU.sparse.minor') ?? '', map);
  return {
    path: name('path'),
    linkPath: name('linkpath'),
    size: decimal(records.get('size')),
    sparse: sparseMap.length > 0 || [...records.keys()].some((key) => key.startsWith('GNU.sparse.')),
    sparseName: known ? name('GNU.sparse.name') : null,
  };
}

function readRecord(
  content: Buffer,
  start: number,
): { readonly key: string; readonly value: Buffer; readonly end: number } {
  const space = content.indexOf(0x20, start);
  const length = space < 0 ? '' : content.toString('latin1', start, Math.min(space, start + 10));
  const end = start + Number(length);
  if (!/^[0-9]{1,9}$/.test(length) || end <= space + 1 || end > content.length || content[end - 1] !== 0x0a) {
    throw unreadable('a PAX header has a broken record');
  }
  const equals = content.indexOf(0x3d, space);
  if (equals < 0 || equals >= end) throw unreadable('a PAX header has a record without "="');
  const key = content.toString('latin1', space + 1, equals);
  const value = content.subarray(equals + 1, end - 1);
  if (key.includes('\0') || (zeroFree.has(key) && value.includes(0))) {
    throw unreadable('a PAX header has a zero byte where none may be');
  }
  return { key, value, end };
}

/** Formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files"), as Go's reader tells them; others are ignored. */
function isKnownSparse(major: string, minor: string, map: string): boolean {
  if (major === '' && minor === '') return map !== '';
  return (major === '0' && (minor === '0' || minor === '1')) || (major === '1' && minor === '0');
}

function decimal(value: Buffer | undefined): number | null {
  if (value === undefined || value.length === 0) return null;
  const text = value.toString('latin1', 0, 40);
  const size = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(size))
    throw unreadable(`a PAX header has the size "${text}"`);
  return size;
}
