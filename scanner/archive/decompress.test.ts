import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { compress as zstd } from 'zstd-napi';
import { decompress, formatOf } from './decompress.ts';

const text = Buffer.from('a ship asks for pratique\n'.repeat(4000));
const half = text.length / 2;
const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);
const frame = (bytes: Uint8Array): Buffer => Buffer.from(zstd(bytes));

function skippable(content: string, nibble = 0): Buffer {
  const head = Buffer.from([0x50 | nibble, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

async function unpack(bytes: Uint8Array, chunk = 64 * 1024): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decompress(inChunks(bytes, chunk))) parts.push(part);
  return Buffer.concat(parts);
}

const first = text.subarray(0, half);
const second = text.subarray(half);
const whole: readonly (readonly [string, Buffer])[] = [
  ['plain bytes', text],
  ['gzip', gzip(text)],
  ['two gzip members', Buffer.concat([gzip(first), gzip(second)])],
  ['an empty gzip member between', Buffer.concat([gzip(first), gzip(Buffer.alloc(0)), gzip(second)])],
  ['gzip padded with zero bytes', Buffer.concat([gzip(text), Buffer.alloc(1000)])],
  ['zstd', frame(text)],
  ['two zstd frames', Buffer.concat([frame(first), frame(second)])],
  ['a skippable frame first', Buffer.concat([skippable('toc'), frame(text)])],
  ['the last kind of skippable frame first', Buffer.concat([skippable('toc', 15), frame(text)])],
  ['a skippable frame between', Buffer.concat([frame(first), skippable('x'.repeat(9000)), frame(second)])],
  ['a skippable frame last', Buffer.concat([frame(text), skippable('toc')])],
];

describe('decompress', () => {
  it.each(whole)('reads %s', async (_, bytes) => {
    expect((await unpack(bytes)).equals(text)).toBe(true);
  });

  it.each(whole)('reads %s in chunks of seven bytes', async (_, bytes) => {
    expect((await unpack(bytes.subarray(0, 50_000), 7)).length).toBeGreaterThan(0);
    expect((await unpack(bytes, 1021)).equals(text)).toBe(true);
  });

  const garbage = Buffer.from('garbage');
  it.each<readonly [string, Buffer, RegExp]>([
    ['gzip that is cut', gzip(text).subarray(0, -9), /gzip stream is broken/],
    ['gzip without its sums', gzip(text).subarray(0, -8), /gzip stream is broken/],
    ['gzip with a changed byte', changed(gzip(text), 60), /gzip stream is broken/],
    ['gzip with a wrong sum', changed(gzip(text), -7), /gzip stream is broken/],
    ['a second member that is cut', Buffer.concat([gzip(first), gzip(second).subarray(0, 40)]), /gzip/],
    ['garbage behind gzip', Buffer.concat([gzip(text), garbage]), /gzip stream is broken/],
    ['a member behind a zero byte', Buffer.concat([gzip(first), Buffer.alloc(1), gzip(second)]), /no gzip/],
    [
      'a member behind much padding',
      Buffer.concat([gzip(first), Buffer.alloc(2 ** 20), gzip(second)]),
      /no gzip/,
    ],
    ['zstd that is cut', frame(text).subarray(0, -5), /zstd stream is broken: it ends inside a frame/],
    ['zstd with a changed byte', changed(frame(text), 12), /zstd stream is broken/],
    ['garbage behind zstd', Buffer.concat([frame(text), garbage]), /zstd stream is broken/],
    ['a skippable frame that is cut', skippable('x'.repeat(99)).subarray(0, 50), /ends inside a frame/],
    ['bzip2', Buffer.from('BZh91AY&SY....'), /bzip2, which is not read/],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), /xz, which is not read/],
    ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x64, 0x40]), /lz4, which is not read/],
  ])('refuses %s', async (_, bytes, message) => {
    for (const chunk of [64 * 1024, 11]) {
      await expect(unpack(bytes, chunk)).rejects.toMatchObject({
        code: 'layer-unreadable',
        message: expect.stringMatching(message),
      });
    }
  });

  it('reads an empty blob as nothing', async () => {
    expect(await unpack(Buffer.alloc(0))).toHaveLength(0);
  });

  it.each([
    ['gzip', gzip(text)],
    ['zstd', frame(text)],
    ['plain', text],
  ])('lets a failed download of %s through as it is', async (_, bytes) => {
    const failure = new Error('connection reset');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 20);
      await sleep(1);
      throw failure;
    }
    const read = async (): Promise<void> => {
      for await (const part of decompress(source())) expect(part.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toBe(failure);
  });

  it.each([
    ['gzip', gzip(text)],
    ['zstd', frame(text)],
    ['plain', text],
  ])('lets go of the source when nobody reads %s on', async (_, bytes) => {
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytes;
      } finally {
        released = true;
      }
    }
    for await (const part of decompress(source())) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    await sleep(5);
    expect(released).toBe(true);
  });

  it('hands out a zstd bomb piece by piece', async () => {
    // 64 MiB of zeros in a few kilobytes, in one chunk.
    const bomb = frame(Buffer.alloc(64 * 2 ** 20));
    const sizes: number[] = [];
    for await (const part of decompress(inChunks(bomb, bomb.length))) {
      sizes.push(part.length);
      if (sizes.length === 3) break;
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
  });
});

describe('formatOf', () => {
  it.each([
    ['gzip with another method than deflate', [0x1f, 0x8b, 0x07], 'plain'],
    ['a start of two bytes', [0x1f, 0x8b], 'plain'],
    ['nothing', [], 'plain'],
    ['a skippable frame below the range', [0x4f, 0x2a, 0x4d, 0x18], 'plain'],
  ])('takes %s for %s', (_, bytes, format) => {
    expect(formatOf(Uint8Array.from(bytes))).toBe(format);
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  copy.writeUInt8(copy.readUInt8(index) ^ 0x55, index);
  return copy;
}
