import { gzipSync } from 'node:zlib';
import { isPratiqueError } from '../../../core/errors.ts';
import { buildInventory } from '../../../scanner/inventory.ts';
import { analyseLayer } from '../../../scanner/layer.ts';
import { compressLayer, debianRoot, npmPackages, type TarEntry } from '../../support/images.ts';
import { writeTar } from '../../support/tar.ts';
import type { Target } from '../target.ts';
import { magnitude, plain } from './facts.ts';

const files: readonly TarEntry[] = [
  ...debianRoot({ release: '12', packages: [{ name: 'base-files', version: '12.4' }] }),
  ...npmPackages([{ name: 'a', version: '1.0.0' }]),
  { path: 'usr/bin/.wh.b', content: '' },
  { path: 'srv/.wh..wh..opq', content: '' },
  { path: 'lib', link: 'usr/lib' },
  { path: 'usr/bin/c', link: 'usr/bin/d', type: 'hardlink' },
  { path: `long/${'x'.repeat(120)}/${'y'.repeat(80)}`, content: 'z' },
  { path: 'dev/null', type: 'character-device' },
  { path: 'usr/bin/su', content: '#!/bin/sh', mode: 0o4755 },
  { path: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\n' },
];
/** Small, because a layer never is: what it may unpack to, and how much may come of it. */
const limits = {
  uncompressedBytes: 64 * 1024 ** 2,
  entries: 20_000,
  events: 20_000,
  contentBytes: 16 * 1024 ** 2,
  secretFileBytes: 64 * 1024,
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

/** A layer's analysis, and the inventory of an image that has just this layer. */
async function run({ bytes }: { readonly bytes: Buffer }): Promise<string> {
  try {
    const analysis = await analyseLayer(once(bytes), { limits });
    const { packages, incomplete, os, unfit } = buildInventory({
      layers: [{ digest: null, analysis }],
      config: null,
      unfit: [],
    });
    const kinds = [...new Set(analysis.events.map(({ kind }) => kind))].sort().join(' ');
    const whys = [...new Set(incomplete.slice(0, 8).map(({ why }) => plain(why)))].join('; ');
    return [analysis.tar, kinds, magnitude(packages.length), os?.id ?? '', unfit.length, whys].join(' | ');
  } catch (error) {
    // The two that a layer may bring about.
    if (isPratiqueError(error) && ['layer-unreadable', 'limit-exceeded'].includes(error.code))
      return `${error.code} ${plain(error.message)}`;
    throw error;
  }
}

export const layerTargets: readonly Target[] = [
  {
    name: 'tar',
    words: [
      'ustar\0',
      '\0'.repeat(512),
      '././@LongLink',
      'GNU.sparse.major=1',
      'path=',
      'size=',
      '.wh.',
      '../',
      'node_modules/',
    ],
    seeds: () => [
      { path: '', bytes: writeTar(files) },
      { path: '', bytes: writeTar(files.slice(0, 3)) },
    ],
    run,
  },
  {
    name: 'compressed-layer',
    words: ['\u001f\u008b\b', '(\u00b5/\u00fd', 'P*M\u0018'],
    seeds: () =>
      [
        gzipSync(writeTar(files)),
        compressLayer(writeTar(files), 'zstd'),
        Buffer.concat([gzipSync('a'), gzipSync('b')]),
      ].map((bytes) => ({ path: '', bytes })),
    run,
  },
];
