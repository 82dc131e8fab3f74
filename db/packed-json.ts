import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';

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

/** For texts of a few kilobytes of which there are many: no header, no checksum (the pages are SQLite's to mind). */
export function packSmall(text: string): Buffer {
  return deflateRawSync(text, { level: 1 });
}

/** What `packSmall` packed. */
export function unpackSmall(bytes: Uint8Array): string {
  return inflateRawSync(bytes).toString('utf8');
}
