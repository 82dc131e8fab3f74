import { join } from 'node:path';
import { decodeName, encodeName } from './archive/tar-path.ts';

/** Names on disk are asked for as bytes, a character each: Node would make one and the same sign of all that are no UTF-8. */
export const rawNames = { encoding: 'latin1' } as const;

/** A name that was asked for with `rawNames`, as all others are written. */
export function nameOf(raw: string): string {
  return isPlain(raw) ? raw : decodeName(Buffer.from(raw, 'latin1'));
}

const loneSurrogate = /\p{Surrogate}/u;

/** Where a path is on disk. */
export function realPath(root: string, path: string): string | Buffer {
  const full = join(root, path);
  return loneSurrogate.test(full) ? encodeName(full) : full;
}

function isPlain(raw: string): boolean {
  for (let at = 0; at < raw.length; at++) if (raw.charCodeAt(at) > 0x7f) return false;
  return true;
}
