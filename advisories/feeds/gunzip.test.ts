import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { gunzipped } from './gunzip.ts';

async function read(bytes: Uint8Array): Promise<string> {
  const file = join(temporaryDirectory(), 'x.gz');
  writeFileSync(file, bytes);
  const fd = openSync(file, 'r');
  try {
    const pieces: Buffer[] = [];
    for await (const piece of gunzipped(fd)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  } finally {
    closeSync(fd);
  }
}

describe('what gzip packed', () => {
  const [one, two] = [gzipSync('one '), gzipSync('two')];
  it('is all members, and padding behind the last', async () => {
    expect(await read(Buffer.concat([one, two, Buffer.alloc(1000)]))).toBe('one two');
  });
  it.each<[string, Uint8Array]>([
    ['a member behind padding', Buffer.concat([one, Buffer.alloc(3), two])],
    ['something else', Buffer.concat([one, Buffer.from('\0something')])],
    ['a cut', two.subarray(0, two.length - 4)],
  ])('is not taken for whole with %s', async (_name, bytes) => {
    await expect(read(bytes)).rejects.toThrow();
  });
});
