import { readSync } from 'node:fs';
import { errorText } from '../../core/errors.ts';

const kinds: readonly (readonly [RegExp | string, string])[] = [
  [/^\s*<(?:!doctype html|html|head|body)/i, 'a web page'],
  [/^\s*<\?xml|^\s*<[A-Za-z]/, 'an XML document'],
  [/^\s*[[{]/, 'JSON'],
  ['\x1f\x8b', 'a gzip file'],
  [/^BZh[1-9]/, 'a bzip2 file'],
  ['\x28\xb5\x2f\xfd', 'a zstd file'],
  ['PK\x03\x04', 'a ZIP archive whose end is missing'],
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer, not the file itself'],
];

/** What a file's first bytes look like, for a person who wonders what was fetched. */
export function describeStart(fd: number): string {
  const bytes = Buffer.alloc(64);
  let got: number;
  try {
    got = readSync(fd, bytes, 0, bytes.length, 0);
  } catch (error) {
    // A folder, or a disk that fails: the message then says so.
    return `nothing (${errorText(error)})`;
  }
  if (got === 0) return 'an empty file';
  const text = bytes.toString('latin1', 0, got);
  const kind = kinds.find(([start]) =>
    typeof start === 'string' ? text.startsWith(start) : start.test(text),
  )?.[1];
  const shown = JSON.stringify(text.slice(0, 24).replaceAll(/[^\x20-\x7e]/g, '.'));
  return kind === undefined ? `no known kind of file, ${shown}` : `${kind}, ${shown}`;
}
