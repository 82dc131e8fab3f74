import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../core/image.ts';
import { defaultLayerLimits as limits } from '../../scanner/limits.ts';
import { buildImage, debianRoot, sha256 } from '../../test/support/images.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { openFile, readLayer } from './read-layer.ts';

const [layer] = buildImage({
  layers: [{ files: debianRoot({ release: '12', packages: [{ name: 'zlib', version: '1' }] }) }],
}).layers;
if (layer === undefined) throw new Error('no layer');
const bytes = layer.bytes;

function descriptorOf(blob: Uint8Array): Descriptor {
  return { mediaType: '', digest: sha256(blob), size: blob.length, platform: null };
}

async function* pieces(blob: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.length; at += 100) yield blob.subarray(at, at + 100);
}

describe('a layer that a scan reads', () => {
  it('is analysed', async () => {
    const outcome = await readLayer(descriptorOf(bytes), pieces(bytes), limits);
    expect(outcome).toMatchObject({ kind: 'analysed', analysis: { diffId: layer.diffId } });
  });

  it('is unreadable where its own bytes are no archive that can be read', async () => {
    const cut = bytes.subarray(0, bytes.length - 20);
    const outcome = await readLayer(descriptorOf(cut), pieces(cut), limits);
    expect(outcome).toMatchObject({ kind: 'unreadable', error: { code: 'layer-unreadable' } });
  });

  it.each([
    ['cut', bytes.subarray(0, 50), 'blob-truncated'],
    ['continued', Buffer.concat([bytes, Buffer.from('more')]), 'digest-mismatch'],
    ['garbled, so that it cannot be unpacked either', garbled(), 'digest-mismatch'],
  ])('is refused where the bytes are %s', async (_, found, code) => {
    await expect(readLayer(descriptorOf(bytes), pieces(found), limits)).rejects.toMatchObject({ code });
  });

  it('is closed by who gives up', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* pieces(garbled());
        throw new Error('the disk is broken');
      } finally {
        closed = true;
      }
    }
    await expect(readLayer(descriptorOf(bytes), source(), limits)).rejects.toThrow('the disk is broken');
    expect(closed).toBe(true);
  });
});

function garbled(): Buffer {
  const other = Buffer.from(bytes);
  other.fill(0xaa, 20, 60);
  return other;
}

it.each([
  ['all of it', 0, null, 'abcdef'],
  ['a part', 2, 3, 'cde'],
  ['nothing', 3, 0, ''],
  ['the rest', 4, null, 'ef'],
])('a blob is a part of a file: %s', async (_, start, size, text) => {
  const file = join(temporaryDirectory(), 'archive');
  writeFileSync(file, 'abcdef');
  const read: Uint8Array[] = [];
  for await (const chunk of openFile({ kind: 'file', file, start, size })) read.push(chunk);
  expect(Buffer.concat(read).toString()).toBe(text);
});
