import { gunzipSync, gzipSync } from 'node:zlib';

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
