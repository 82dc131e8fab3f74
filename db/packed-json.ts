import { gunzipSync, gzipSync } from 'node:zlib';
import { Compressor, Decompressor } from 'zstd-napi';

/** Inventories and analyses repeat themselves: packed they take about a tenth. */
export function packText(text: string): Buffer {
  return gzipSync(text, { level: 1 });
}

/** What `packText` packed. Only ever applied to rows that this program wrote. */
export function unpackText(bytes: Uint8Array): string {
  return gunzipSync(bytes).toString('utf8');
}

export const packJson = (value: unknown): Buffer => packText(JSON.stringify(value));

export const unpackJson = (bytes: Uint8Array): unknown => JSON.parse(unpackText(bytes));

/** One each per thread: Node's zlib makes its own anew for every call, which takes longer than the work. */
const compressor = new Compressor();
compressor.setParameters({ compressionLevel: 1 });
const decompressor = new Decompressor();

/** For texts of some kilobytes of which there are many. Without a checksum: the pages are SQLite's to mind. */
export function packSmall(text: string): Buffer {
  return compressor.compress(Buffer.from(text));
}

/** What `packSmall` packed. Only ever applied to rows that this program wrote. */
export function unpackSmall(bytes: Uint8Array): string {
  return decompressor.decompress(bytes).toString('utf8');
}
