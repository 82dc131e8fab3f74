import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../core/image.ts';
import type { LayerAnalysis } from '../../scanner/layer.ts';
import { sha256 } from '../../test/support/images.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { LayerShelf } from './layer-shelf.ts';

const layer = layerOf('a');
const analysis = analysisOf('etc/a');
let folder: string;
beforeEach(() => {
  folder = join(temporaryDirectory(), 'scanned-layers');
});

describe('what earlier scans have found in layers', () => {
  it('is found by the next one', async () => {
    await new LayerShelf(folder, 'deb/1').put(layer, analysis);
    expect(await new LayerShelf(folder, 'deb/1').get(layer)).toEqual(analysis);
  });

  it.each([
    ['another layer', layerOf('b'), 'deb/1'],
    ['a layer that is said to have another size', { ...layer, size: 2 }, 'deb/1'],
    ['other analyzers', layer, 'deb/2'],
  ])('says nothing of %s', async (_, asked, analyzers) => {
    await new LayerShelf(folder, 'deb/1').put(layer, analysis);
    expect(await new LayerShelf(folder, analyzers).get(asked)).toBeNull();
  });

  it.each<readonly [string, (bytes: Buffer) => Buffer]>([
    ['cut', (bytes) => bytes.subarray(0, -9)],
    ['garbled', (bytes) => Buffer.from(bytes).fill(7, 12, 20)],
    ['no such file at all', () => Buffer.from('{}')],
  ])('is found anew where a file is %s', async (_, spoil) => {
    const shelf = new LayerShelf(folder, 'deb/1');
    await shelf.put(layer, analysis);
    const [name = ''] = readdirSync(folder);
    writeFileSync(join(folder, name), spoil(readFileSync(join(folder, name))));
    expect(await shelf.get(layer)).toBeNull();
    await shelf.put(layer, analysis);
    expect(await shelf.get(layer)).toEqual(analysis);
  });

  it('does not count for another layer whose file has its name', async () => {
    const shelf = new LayerShelf(folder, 'deb/1');
    await shelf.put(layer, analysis);
    await shelf.put(layerOf('b'), analysisOf('etc/b'));
    const files = readdirSync(folder).map((name) => join(folder, name));
    const [one = '', other = ''] = files;
    writeFileSync(one, readFileSync(other));
    const known = [await shelf.get(layer), await shelf.get(layerOf('b'))];
    expect(known.filter((found) => found !== null)).toHaveLength(1);
  });

  it('makes room: what was used longest ago goes', async () => {
    const shelf = new LayerShelf(folder, 'deb/1', 1);
    await shelf.put(layer, analysis);
    expect(await shelf.close()).toBeNull();
    expect(readdirSync(folder)).toEqual([]);

    const size = await sizeOfOne(folder);
    const roomy = new LayerShelf(folder, 'deb/1', 2 * size + 10);
    for (const [nth, name] of ['a', 'b', 'c'].entries()) {
      await roomy.put(layerOf(name), analysis);
      for (const file of readdirSync(folder)) {
        if (file.startsWith(layerOf(name).digest.slice(7))) utimesSync(join(folder, file), nth + 1, nth + 1);
      }
    }
    expect(await roomy.get(layerOf('a'))).toEqual(analysis);
    await roomy.close();
    const left = await Promise.all(['a', 'b', 'c'].map((name) => roomy.get(layerOf(name))));
    expect(left.map((found) => found !== null)).toEqual([true, false, true]);
  });

  it('is not kept where the folder cannot be made, and that is told', async () => {
    const root = temporaryDirectory();
    const file = join(root, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const shelf = new LayerShelf(join(file, 'scanned-layers'), 'deb/1');
    expect(await shelf.get(layer)).toBeNull();
    await shelf.put(layer, analysis);
    expect(await shelf.close()).toMatch(/ENOTDIR|EEXIST/);
  });
});

async function sizeOfOne(place: string): Promise<number> {
  const shelf = new LayerShelf(place, 'deb/1');
  await shelf.put(layer, analysis);
  const [name = ''] = readdirSync(place);
  return readFileSync(join(place, name)).length;
}

function layerOf(name: string): Descriptor {
  return { mediaType: '', digest: sha256(name), size: 1, platform: null };
}

function analysisOf(path: string): LayerAnalysis {
  return {
    diffId: null,
    tar: true,
    compressedBytes: 1,
    uncompressedBytes: 1,
    events: [{ kind: 'whiteout', path }],
  };
}
