import type { Sample } from '../samples.ts';
import { TarWalker } from './tar-walker.ts';

/** Bytes. As the collector does, which asks for no content beyond its limits. */
const largestWhole = 1024 ** 2;

/**
 * `type path [-> link] [= content]`; content is taken whole of files that end in .txt, in parts of those that end in
 * .bin, and in parts as far as the first `!` of those that end in .cut.
 */
export function walk(
  bytes: Uint8Array,
  chunk = bytes.length,
  mostEntries = 1000,
): { lines: string[]; tar: boolean } {
  const lines: string[] = [];
  let parts = '';
  let cut = false;
  const walker = new TarWalker(
    {
      entry: ({ type, path, linkName, size, sparse }) => {
        const link = type === 'symlink' || type === 'hardlink' ? ` -> ${linkName}` : '';
        lines.push(`${type} ${path}${link}${sparse ? ' (sparse)' : ''}`);
        if (path.endsWith('.bin') || path.endsWith('.cut')) {
          parts = '';
          cut = path.endsWith('.cut');
          return 'parts';
        }
        return size > 0 && size <= largestWhole && path.endsWith('.txt') ? 'whole' : 'nothing';
      },
      part: (bytes) => {
        parts += bytes.toString('latin1');
        const end = cut ? parts.indexOf('!') : -1;
        if (end >= 0) parts = parts.slice(0, end);
        return end < 0;
      },
      partsEnd: () => {
        lines.push(`${lines.pop() ?? ''} = ${parts}`);
      },
      content: (_, content) => {
        lines.push(`${lines.pop() ?? ''} = ${content.toString()}`);
      },
    },
    mostEntries,
  );
  for (let at = 0; at < bytes.length; at += Math.max(1, chunk)) walker.write(bytes.subarray(at, at + chunk));
  return { lines, tar: walker.end() };
}

export const file = (path: string, content = ''): Sample => ({ path, content });
export const after = file('after.txt', 'still in step');
export const afterLine = 'file after.txt = still in step';

/** An entry of any type; `at` writes text at an offset of its header. */
export function entry(
  type: string,
  path: string,
  content = '',
  at: Readonly<Record<number, string>> = {},
): Sample {
  return {
    path,
    content,
    type: 'file',
    patchHeader: (header) => {
      header.write(type, 156, 1, 'latin1');
      for (const [offset, value] of Object.entries(at)) header.write(value, Number(offset), 'latin1');
    },
  };
}

export function pax(...records: readonly (readonly [string, string])[]): Sample {
  return entry('x', 'PaxHeader', records.map(([key, value]) => paxRecord(key, value)).join(''));
}

export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length += 1;
  return `${length}${rest}`;
}

export const longLink = (path: string): Sample => entry('K', '././@LongLink', `${path}\0`);
export const longName = (path: string): Sample => entry('L', '././@LongLink', `${path}\0`);
export const gnu = { 257: 'ustar  \0' };
export const v7 = { 257: '\0\0\0\0\0\0\0\0' };
export const baseSize = (size: number): string =>
  `\x80${'\0'.repeat(9)}${String.fromCharCode(size >> 8, size & 255)}`;
