/** Runtimes cannot make longer ones (PATH_MAX, path_resolution(7)); the terminating zero counts. */
export const longestPath = 4095;

/**
 * A path inside a root filesystem: no leading slash, no empty, `.` or `..` component; `..` cannot climb out.
 * The root itself is the empty text.
 */
export function cleanPath(path: string): string {
  if (isClean(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

const unclean = /^\/|\/\/|\/$|(?:^|\/)\.\.?(?:\/|$)/;

function isClean(path: string): boolean {
  return !unclean.test(path);
}

/** Where the bytes of a name that is no UTF-8 go: U+DC80 to U+DCFF, which no valid name can hold. */
const escapeBase = 0xdc00;

/**
 * A name as text. Names are bytes: those that are no UTF-8 have each byte above 127 replaced by a lone surrogate,
 * so that two different names never become one text.
 */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let escaped = '';
  for (const byte of bytes) escaped += String.fromCharCode(byte < 0x80 ? byte : escapeBase + byte);
  return escaped;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(parent: string, base: string): string {
  return parent === '' ? base : `${parent}/${base}`;
}
