import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../test/support/images.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { copyFrom } from './blob-reader.ts';
import { openBlobStore } from './blob-store.ts';

const content = randomBytes(700_000);
let file: string;
beforeAll(() => {
  file = join(temporaryDirectory(), 'blob');
  writeFileSync(file, content);
});

async function copied(start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  await copyFrom(file, { start, end }, (chunk) => {
    parts.push(Buffer.from(chunk));
    return Promise.resolve();
  });
  return Buffer.concat(parts);
}

describe('copyFrom', () => {
  it.each([
    ['all', 0, 699_999],
    ['the first byte', 0, 0],
    ['the last byte', 699_999, 699_999],
    ['across several reads', 1, 699_998],
    ['one whole read', 0, 262_143],
    ['one read and a byte', 0, 262_144],
  ])('%s', async (_what, start, end) => {
    expect((await copied(start, end)).equals(content.subarray(start, end + 1))).toBe(true);
  });

  it('a file that is shorter than it should be is an error, not a short answer', async () => {
    await expect(copied(0, 700_000)).rejects.toThrow('ends at 700000');
  });

  it('memory that a failed transfer may still hold is not used again', async () => {
    const held: Uint8Array[] = [];
    const failing = copyFrom(file, { start: 0, end: 699_999 }, (chunk) => {
      held.push(chunk);
      return Promise.reject(new Error('connection lost'));
    });
    await expect(failing).rejects.toThrow('connection lost');
    await copied(300_000, 699_999);
    expect(Buffer.from(held[0] ?? []).equals(content.subarray(0, 262_144))).toBe(true);
  });

  it('transfers at the same time do not share memory', async () => {
    const all = await Promise.all([0, 100_000, 200_000, 300_000].map((start) => copied(start, 699_999)));
    for (const [position, bytes] of all.entries()) {
      expect(bytes.equals(content.subarray(position * 100_000))).toBe(true);
    }
  });

  it('the store names a blob that is not there', async () => {
    const store = openBlobStore(temporaryDirectory());
    const digest = sha256('nothing');
    await expect(store.copy(digest, { start: 0, end: 1 }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'blob-unknown',
    });
  });
});
