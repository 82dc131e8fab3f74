/** What a test wants in an archive. Times, owners and order are fixed, so equal descriptions give equal bytes. */
export interface TarEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** Target of a symbolic or hard link; without `type` it is a symbolic one. */
  readonly link?: string;
  readonly type?: keyof typeof typeFlags;
  /** Permission bits; 0o644 for files, 0o755 for directories. */
  readonly mode?: number;
  /** Last word on the 512 header bytes. The checksum is made afterwards, unless `keepChecksum`. */
  readonly patchHeader?: (header: Buffer) => void;
  readonly keepChecksum?: boolean;
  /** Written instead of everything else, as it is: broken headers, half blocks, zero blocks. */
  readonly raw?: Uint8Array;
}

const typeFlags = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
} as const;

const blockSize = 512;

/** A tar archive (ustar; PAX records where a name is too long for it) that ends in two zero blocks. */
export function writeTar(entries: readonly TarEntry[], options: { readonly end?: boolean } = {}): Buffer {
  const parts = entries.flatMap((entry) => entryBytes(entry));
  if (options.end !== false) parts.push(Buffer.alloc(2 * blockSize));
  return Buffer.concat(parts);
}

function entryBytes(entry: TarEntry): Uint8Array[] {
  if (entry.raw !== undefined) return [entry.raw];
  const type = entry.type ?? (entry.link === undefined ? impliedType(entry.path) : 'symlink');
  const body = Buffer.from(entry.content ?? '');
  const records: string[] = [];
  if (Buffer.byteLength(entry.path) > 100) records.push(paxRecord('path', entry.path));
  if (Buffer.byteLength(entry.link ?? '') > 100) records.push(paxRecord('linkpath', entry.link ?? ''));
  const extension =
    records.length === 0 ? [] : fileBytes(tarHeader('PaxHeader', 'x', 0o644, Buffer.from(records.join(''))));
  const header = tarHeader(entry.path, typeFlags[type], entry.mode ?? modeOf(type), body, entry.link);
  entry.patchHeader?.(header.header);
  if (entry.keepChecksum !== true) writeChecksum(header.header);
  return [...extension, ...fileBytes(header)];
}

function impliedType(path: string): 'directory' | 'file' {
  return path.endsWith('/') ? 'directory' : 'file';
}

function modeOf(type: keyof typeof typeFlags): number {
  return type === 'directory' ? 0o755 : 0o644;
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length < Buffer.byteLength(rest) + String(length).length) length += 1;
  return `${length}${rest}`;
}

function tarHeader(
  path: string,
  flag: string,
  mode: number,
  body: Uint8Array,
  link = '',
): { header: Buffer; body: Uint8Array } {
  const header = Buffer.alloc(blockSize);
  header.write(path, 0, 100);
  writeOctal(header, mode, 100, 8);
  writeOctal(header, 0, 108, 8);
  writeOctal(header, 0, 116, 8);
  writeOctal(header, body.length, 124, 12);
  writeOctal(header, 0, 136, 12);
  header.write(flag, 156, 1, 'ascii');
  header.write(link, 157, 100);
  header.write('ustar\0' + '00', 257, 8, 'latin1');
  writeChecksum(header);
  return { header, body };
}

function fileBytes(file: { header: Buffer; body: Uint8Array }): Uint8Array[] {
  const rest = file.body.length % blockSize;
  return [file.header, file.body, Buffer.alloc(rest === 0 ? 0 : blockSize - rest)];
}

function writeOctal(header: Buffer, value: number, offset: number, width: number): void {
  header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset, width, 'latin1');
}

/** Sum over the header with its own eight bytes read as spaces (POSIX ustar). */
function writeChecksum(header: Buffer): void {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}
