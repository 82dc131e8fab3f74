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

/** Names are bytes; those that are no UTF-8 are kept apart by reading them as Latin-1. */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
