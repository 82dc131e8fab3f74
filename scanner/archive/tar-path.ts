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

/** The bytes of a name that `decodeName` made. */
export function encodeName(name: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at);
    if (unit < escapeBase + 0x80 || unit > escapeBase + 0xff || isPair(name, at)) continue;
    parts.push(Buffer.from(name.slice(from, at)), Buffer.of(unit - escapeBase));
    from = at + 1;
  }
  return Buffer.concat([...parts, Buffer.from(name.slice(from))]);
}

/** Whether this is the second half of a character beyond U+FFFF. */
function isPair(name: string, at: number): boolean {
  const before = at === 0 ? 0 : name.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
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
