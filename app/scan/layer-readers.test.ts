import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../../core/digest.ts';
import type { Descriptor } from '../../core/image.ts';
import { defaultLayerLimits as limits } from '../../scanner/limits.ts';
import { buildImage } from '../../test/support/images.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { createLayerProgress, type LayerProgress } from './layer-progress.ts';
import { LayerReaders } from './layer-readers.ts';
import { LayerShelf } from './layer-shelf.ts';
import type { ImageSource } from './source.ts';

const image = buildImage({
  layers: ['a', 'bb', 'ccc'].map((name) => ({ files: [{ path: `usr/${name}`, link: 'x' }] })),
});
const layers = image.layers.map(
  ({ digest, mediaType, bytes }): Descriptor => ({ digest, mediaType, size: bytes.length, platform: null }),
);

/** Gives blobs in this thread only, and counts. */
function source(): ImageSource & { readonly asked: string[] } {
  const asked: string[] = [];
  const unused = (): never => {
    throw new Error('nobody asks for that');
  };
  return {
    asked,
    reference: 'oci:x',
    inRegistry: false,
    names: [],
    checkedBy: 'blobs',
    position: null,
    manifest: unused,
    attached: unused,
    close: () => Promise.resolve(),
    place: () => null,
    blob: async ({ digest }) => {
      asked.push(digest);
      const blob = image.blobs.get(digest);
      if (blob === undefined) throw new Error('gone');
      return (async function* () {
        yield blob;
      })();
    },
  };
}

const unseen: LayerProgress = { counted: (_, bytes) => bytes, layerDone: () => undefined };

function linksIn(outcome: unknown): string {
  return JSON.stringify(outcome).match(/usr\/[a-c]+/)?.[0] ?? '';
}

describe('the layers of an image', () => {
  it('are told in their order, each read once', async () => {
    const from = source();
    const done: string[] = [];
    const twice = [...layers, ...layers];
    const progress = createLayerProgress(
      twice,
      () => 0,
      (text) => done.push(text),
    );
    const outcomes = await new LayerReaders(limits, null).outcomes(from, twice, progress);
    expect(outcomes.map(linksIn)).toEqual(['usr/a', 'usr/bb', 'usr/ccc', 'usr/a', 'usr/bb', 'usr/ccc']);
    expect(from.asked).toHaveLength(3);
    expect(done.at(-1)).toBe('3 of 3 layers, 0.0 of 0.0 MiB');
  });

  it('are read each by itself, and from nowhere else, where their digests are only claimed', async () => {
    const [first, second] = image.layers;
    const [claimed] = layers;
    if (first === undefined || second === undefined || claimed === undefined) throw new Error('no layer');
    const bytes = new Map([
      [claimed, first.bytes],
      [{ ...claimed }, second.bytes],
    ]);
    const from: ImageSource = {
      ...source(),
      checkedBy: 'diff-ids',
      blob: async (layer) =>
        (async function* () {
          yield bytes.get(layer) ?? Buffer.alloc(0);
        })(),
    };
    const shelf = new LayerShelf(temporaryDirectory(), 'deb/1');
    await new LayerReaders(limits, shelf).outcomes(source(), [claimed], unseen);
    const outcomes = await new LayerReaders(limits, shelf).outcomes(
      from,
      [...bytes.keys()].reverse(),
      unseen,
    );
    expect(outcomes.map(linksIn)).toEqual(['usr/bb', 'usr/a']);
  });

  it('are read as they lie where one comes behind the other', async () => {
    const order = [2, 0, 1];
    const from = {
      ...source(),
      position: ({ digest }: Descriptor) => order[layers.findIndex((one) => one.digest === digest)] ?? 0,
    };
    await new LayerReaders(limits, null).outcomes(from, layers, unseen);
    expect(from.asked).toEqual([layers[1], layers[2], layers[0]].map((one) => one?.digest));
  });

  it('are not read again where an earlier scan has found what they hold', async () => {
    const shelf = new LayerShelf(temporaryDirectory(), 'deb/1');
    const [first, second] = [source(), source()];
    const found = await new LayerReaders(limits, shelf).outcomes(first, layers.slice(0, 2), unseen);
    const again = await new LayerReaders(limits, shelf).outcomes(second, layers, unseen);
    expect(again.slice(0, 2)).toEqual(found);
    expect(second.asked).toEqual([layers[2]?.digest]);
  });

  it('fail with the one whose bytes cannot be had, and nothing is kept of it', async () => {
    const digest = parseDigest(`sha256:${'1'.repeat(64)}`);
    if (digest === null) throw new Error('no digest');
    const missing: Descriptor = { mediaType: '', digest, size: 99, platform: null };
    const shelf = new LayerShelf(temporaryDirectory(), 'deb/1');
    const reading = new LayerReaders(limits, shelf).outcomes(source(), [...layers, missing], unseen);
    await expect(reading).rejects.toThrow('gone');
    expect(await shelf.get(missing)).toBeNull();
  });

  it('fail where the bytes are others than their digest says, whatever was kept of others', async () => {
    const [one] = layers;
    if (one === undefined) throw new Error('no layer');
    const shelf = new LayerShelf(temporaryDirectory(), 'deb/1');
    const wrong = { ...one, size: one.size + 1 };
    await new LayerReaders(limits, shelf).outcomes(source(), [one], unseen);
    const reading = new LayerReaders(limits, shelf).outcomes(source(), [wrong], unseen);
    await expect(reading).rejects.toMatchObject({ code: 'blob-truncated' });
  });
});
