import { unreadable } from './tar-header.ts';
import { decodeName } from './tar-path.ts';

/** What extended headers say of the next entry. */
export interface Extension {
  readonly path: string | null;
  readonly linkPath: string | null;
  readonly size: number | null;
  readonly sparse: boolean;
}

/**
 * PAX records (POSIX pax, "extended header"): `<length> <key>=<value>\n`, repeated.
 * @throws PratiqueError `layer-unreadable`
 */
export function readPax(content: Buffer): Extension {
  let path: string | null = null;
  let linkPath: string | null = null;
  let size: number | null = null;
  let sparse = false;
  let sparseName: string | null = null;
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(0x20, start);
    const length = space < 0 ? '' : content.toString('latin1', start, space);
    const end = start + Number(length);
    if (
      !/^[0-9]{1,9}$/.test(length) ||
      end <= space + 1 ||
      end > content.length ||
      content[end - 1] !== 0x0a
    ) {
      throw unreadable('a PAX header has a broken record');
    }
    const equals = content.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw unreadable('a PAX header has a record without "="');
    const key = content.toString('utf8', space + 1, equals);
    const value = content.subarray(equals + 1, end - 1);
    if (key === 'path') path = nonEmpty(value);
    else if (key === 'linkpath') linkPath = nonEmpty(value);
    else if (key === 'size') size = decimal(value);
    else if (key === 'GNU.sparse.name') sparseName = nonEmpty(value);
    if (key.startsWith('GNU.sparse.')) sparse = true;
    start = end;
  }
  return { path: sparseName ?? path, linkPath, size, sparse };
}

/** An empty value takes a record back (POSIX pax). */
function nonEmpty(value: Buffer): string | null {
  return value.length === 0 ? null : decodeName(value);
}

function decimal(value: Buffer): number | null {
  if (value.length === 0) return null;
  const text = value.toString('latin1');
  const size = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(size))
    throw unreadable(`a PAX header has the size "${text.slice(0, 40)}"`);
  return size;
}
