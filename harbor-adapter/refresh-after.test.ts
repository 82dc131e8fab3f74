import { describe, expect, it } from '@jest/globals';
import { refreshAfter, type ScanProgress } from './refresh-after.ts';

const idle: ScanProgress = {
  ahead: null,
  elapsed: 0,
  layersDone: 0,
  layersTotal: 0,
  usual: null,
  concurrency: 4,
};

describe('Refresh-After', () => {
  it.each<[what: string, progress: Partial<ScanProgress>, seconds: number]>([
    ['just begun', {}, 1],
    ['three of four layers in 9 s', { elapsed: 9000, layersDone: 3, layersTotal: 4 }, 3],
    ['all layers, matching', { elapsed: 9000, layersDone: 4, layersTotal: 4 }, 1],
    ['nothing known for 30 s', { elapsed: 30_000 }, 10],
    ['half of the usual time', { elapsed: 4000, usual: 8000 }, 4],
    ['next in the queue', { ahead: 0, usual: 3000 }, 3],
    ['eight ahead, four at once', { ahead: 8, usual: 3000 }, 9],
    ['a thousand ahead', { ahead: 1000, usual: 3000 }, 60],
    ['for hours', { elapsed: 1e9 }, 60],
    ['a clock that went back', { elapsed: -5000 }, 1],
  ])('%s', (_what, progress, seconds) => {
    expect(refreshAfter({ ...idle, ...progress })).toBe(seconds);
  });
});
