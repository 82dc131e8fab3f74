import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { ImageManifest } from '../core/image.ts';
import { ProgressBook } from './progress.ts';

const digest = (seed: number): Digest => `sha256:${seed.toString(16).padStart(64, '0')}` as Digest;
const layer = (seed: number, size: number) => ({ mediaType: '', digest: digest(seed), size, platform: null });
const manifest = (...layers: readonly ReturnType<typeof layer>[]) => ({ layers }) as unknown as ImageManifest;

describe('inspections under way', () => {
  it('are told with what has come of each layer, the longest under way first', () => {
    const arrived = new Map([[digest(2), 30]]);
    const book = new ProgressBook((blob) => arrived.get(blob) ?? null);
    book.begin(digest(20), 'corp/late', manifest(layer(9, 7)), 2000);
    // A layer that is named twice comes once.
    book.begin(digest(10), 'corp/app', manifest(layer(1, 100), layer(2, 50), layer(1, 100)), 1000);
    book.layerDone(digest(10), digest(1));
    expect(book.list()).toEqual([
      {
        image: 'corp/app',
        digest: digest(10),
        startedAt: '1970-01-01T00:00:01.000Z',
        layers: { done: 1, total: 2 },
        bytes: { arrived: 130, total: 150 },
      },
      {
        image: 'corp/late',
        digest: digest(20),
        startedAt: '1970-01-01T00:00:02.000Z',
        layers: { done: 0, total: 1 },
        bytes: { arrived: 0, total: 7 },
      },
    ]);
    expect(book.text(digest(10))).toBe(' (1 of 2 layers)');
    book.end(digest(10));
    expect([book.text(digest(10)), book.text(digest(20)), book.list().length]).toEqual(['', '', 1]);
  });
});
