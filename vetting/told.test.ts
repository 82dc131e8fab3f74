import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { ImageManifest } from '../core/image.ts';
import { layerAnalyzersOf } from '../scanner/analyzers.ts';
import type { LayerAnalysis } from '../scanner/layer.ts';
import { defaultScanSettings } from '../scanner/settings.ts';
import { Analysis } from './analysis.ts';
import { assembleInventory } from './content.ts';
import { defaultVettingLimits } from './limits.ts';
import type { LayerRunner } from './ports.ts';
import { team } from './samples.ts';
import { sha256 } from './samples-images.ts';
import { memoryRecords } from './samples-records.ts';

/** What it tells has a little more than `links` times a hundred characters. */
const layerOf = (digest: Digest, links: number): LayerAnalysis => ({
  diffId: digest,
  tar: true,
  compressedBytes: 1,
  uncompressedBytes: 1,
  events: Array.from({ length: links }, (_, at) => ({
    kind: 'symlink',
    path: `${at}`.padStart(18, '0'),
    target: 'x'.repeat(18),
  })),
});
const descriptor = (digest: Digest) => ({ mediaType: '', digest, size: 1, platform: null });

/** Analyses an image whose layers are in the store; `asked`: recorded analyses that were read for it. */
async function analyse(layers: readonly (readonly [name: string, links: number])[], toldCharacters: number) {
  const records = memoryRecords();
  for (const [name, links] of layers) {
    const digest = sha256(name);
    await records.putLayer(
      digest,
      layerAnalyzersOf(defaultScanSettings),
      JSON.stringify(layerOf(digest, links)),
    );
  }
  let asked = 0;
  const counted = {
    ...records,
    getLayer: (digest: Digest, analyzers: string) => {
      asked += 1;
      return records.getLayer(digest, analyzers);
    },
    isProven: () => Promise.resolve(true),
  };
  const never = (): Promise<never> => Promise.reject(new Error('everything is there'));
  const runner: LayerRunner = {
    fetch: never,
    analyse: never,
    assemble: (parts) => Promise.resolve(assembleInventory(parts)),
  };
  const analysis = new Analysis({
    records: counted,
    runner,
    upstreams: {
      client: () => {
        throw new Error('nobody is asked');
      },
    },
    blobs: {
      during: (_digests, work) => work(),
      size: () => Promise.resolve(0),
      makeRoom: () => Promise.resolve(),
      has: () => Promise.resolve(true),
      bytes: () =>
        Promise.resolve(
          Buffer.from(
            JSON.stringify({
              architecture: 'amd64',
              os: 'linux',
              rootfs: { type: 'layers', diff_ids: layers.map(([name]) => sha256(name)) },
            }),
          ),
        ),
    },
    settings: defaultScanSettings,
    limits: { ...defaultVettingLimits, toldCharacters },
  });
  const manifest: ImageManifest = {
    kind: 'image',
    mediaType: '',
    subject: null,
    hazards: [],
    config: descriptor(sha256('config')),
    layers: layers.map(([name]) => descriptor(sha256(name))),
  };
  const inventory = await analysis.inventory(team, manifest, () => undefined);
  return { inventory, asked: () => asked };
}

describe('what all layers of an image tell', () => {
  const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

  it('is read once, however often a layer is named', async () => {
    const { inventory, asked } = await analyse(times(500, ['a', 10]), 1_000_000);
    expect([inventory.unfit, asked()]).toEqual([[], 1]);
  });

  it.each<readonly [string, readonly (readonly [string, number])[]]>([
    ['of one that is named many times', times(11, ['a', 100])],
    ['of many', Array.from({ length: 11 }, (_, at): [string, number] => [`${at}`, 100])],
  ])('is bounded: %s', async (_, layers) => {
    expect((await analyse(layers.slice(0, 9), 100_000)).inventory.unfit).toEqual([]);
    const { unfit } = (await analyse(layers, 100_000)).inventory;
    expect(unfit.join('; ')).toContain('tell more than 100000 characters of paths and packages');
  });
});
