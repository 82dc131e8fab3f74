import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compress as zstd } from 'zstd-napi';
import { isPratiqueError } from '../core/errors.ts';
import {
  compressLayer,
  debianRoot,
  npmPackages,
  sha256,
  type TarEntry,
  writeTar,
} from '../test/support/images.ts';
import { buildInventory } from './inventory.ts';
import { analyseLayer, type LayerAnalysis } from './layer.ts';
import { defaultLayerLimits, type LayerLimits } from './limits.ts';

async function* inParts(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const sorted = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...sorted, bytes.length]) {
    await Promise.resolve();
    yield bytes.subarray(from, to);
    from = to;
  }
}

const analyse = (
  bytes: Uint8Array,
  limits: Partial<LayerLimits> = {},
  cuts: readonly number[] = [],
): Promise<LayerAnalysis> =>
  analyseLayer(inParts(bytes, cuts), { limits: { ...defaultLayerLimits, ...limits } });

const entries: readonly TarEntry[] = [
  { path: 'usr/' },
  ...debianRoot({ release: '12', packages: [{ name: 'libc6', version: '2.36-9', source: 'glibc' }] }),
  ...npmPackages([{ name: 'a', version: '1.0.0' }]),
  { path: 'usr/bin/tool', content: 'x'.repeat(5000) },
  { path: 'lib', link: 'usr/lib' },
  { path: 'etc/.wh.gone' },
];
const tar = writeTar(entries);

describe('analyseLayer', () => {
  it.each(['none', 'gzip', 'zstd'] as const)(
    'gives the same for %s, with the digest of what is inside',
    async (compression) => {
      const blob = compressLayer(tar, compression);
      const plain = await analyse(tar);
      const analysis = await analyse(blob);
      expect(analysis).toEqual({ ...plain, compressedBytes: blob.length });
      expect(analysis).toMatchObject({ diffId: sha256(tar), tar: true, uncompressedBytes: tar.length });
      expect(analysis.events.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
        'file etc/os-release',
        'file var/lib/dpkg/status',
        'file app/node_modules/a/package.json',
        'symlink lib',
        'whiteout etc/gone',
      ]);
    },
  );

  it('is plain data', async () => {
    const analysis = await analyse(tar);
    expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis);
  });

  it('hashes what follows the end of the archive, and takes no package from it', async () => {
    const more = Buffer.concat([
      tar,
      writeTar(npmPackages([{ name: 'b', version: '1' }])),
      Buffer.alloc(700, 1),
    ]);
    const analysis = await analyse(gzipSync(more));
    expect(analysis.diffId).toBe(sha256(more));
    expect(analysis.events).toEqual((await analyse(tar)).events);
  });

  it.each<readonly [string, Buffer]>([
    ['a second gzip member', Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))])],
    ['a second zstd frame', Buffer.concat([zstd(tar.subarray(0, 1000)), zstd(tar.subarray(1000))])],
  ])('reads on in %s', async (_, blob) => {
    expect((await analyse(blob)).diffId).toBe(sha256(tar));
    expect((await analyse(blob)).events).toEqual((await analyse(tar)).events);
  });

  it.each<readonly [string, Buffer, boolean]>([
    ['an empty blob', Buffer.alloc(0), true],
    ['zeros', Buffer.alloc(4096), true],
    ['JSON', Buffer.from('{"a":1}'.repeat(200)), false],
  ])('tells whether %s is an archive', async (_, bytes, isTar) => {
    expect(await analyse(bytes)).toMatchObject({ tar: isTar, events: [], diffId: sha256(bytes) });
  });

  it.each<readonly [string, Buffer, Partial<LayerLimits>, RegExp]>([
    [
      'unpacked bytes',
      gzipSync(Buffer.alloc(100_000)),
      { uncompressedBytes: 99_999 },
      /more than 99999 bytes/,
    ],
    ['entries', tar, { entries: 3 }, /more than 3 archive entries/],
    ['events', tar, { events: 4 }, /more than 4 links and files of note/],
    ['content', tar, { contentBytes: 100 }, /more than 100 bytes of package databases/],
    [
      'packages',
      writeTar(
        debianRoot({
          release: '12',
          packages: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, version: '1' })),
        }),
      ),
      { events: 5 },
      /more than 5 packages/,
    ],
    [
      'text',
      writeTar(
        Array.from({ length: 17_000 }, (_, index) => ({ path: `l${index}`, link: 'x/'.repeat(2000) })),
      ),
      {},
      /characters of names, versions and paths/,
    ],
    [
      'folders',
      writeTar(
        Array.from({ length: 5000 }, (_, index) => ({ path: `${'d/'.repeat(1800)}${index}`, link: 'x' })),
      ),
      {},
      /folders above/,
    ],
  ])('has a limit of %s', async (_, bytes, limits, message) => {
    await expect(analyse(bytes, limits)).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringMatching(message),
    });
  });

  it('goes on without candidates when there are too many of them', async () => {
    const project = { path: 'x/package.json', content: '{"name":"a","version":"1"}' };
    const analysis = await analyse(writeTar([project]), { contentBytes: 10 });
    expect(buildInventory({ layers: [{ digest: null, analysis }], config: null, unfit: [] })).toMatchObject({
      packages: [],
      incomplete: [],
    });
  });

  it('bounds the work that links to links make', async () => {
    const chain = Array.from({ length: 250 }, (_, index) => ({
      path: `l${index}`,
      link: `${'./'.repeat(1900)}l${index + 1}`,
    }));
    const through = Array.from({ length: 200 }, () => ({ path: 'l0/x' }));
    await expect(analyse(writeTar([...chain, ...through]))).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});

describe('analyseLayer properties', () => {
  it('does not depend on where the bytes are cut', async () => {
    const expected = await analyse(tar);
    const cuts = fc.array(fc.nat(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('none', 'gzip', 'zstd'), cuts, async (compression, at) => {
        const blob = compressLayer(tar, compression);
        expect(await analyse(blob, {}, at)).toEqual({ ...expected, compressedBytes: blob.length });
      }),
      { numRuns: 100 },
    );
  });

  it('answers any bytes with an analysis or a PratiqueError', async () => {
    const start = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from([0x1f, 0x8b, 8]),
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
      tar.subarray(0, 1536),
    );
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 2000 }), async (head, rest) => {
        await outcome(Buffer.concat([head, rest]));
      }),
      { numRuns: 300 },
    );
  });

  it('answers mutated blobs the same way, and never with other bytes under the same digest', async () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('none', 'gzip', 'zstd'),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (compression, changes) => {
          const blob = compressLayer(tar, compression);
          for (const [at, value] of changes) blob.writeUInt8(value, at % blob.length);
          const analysis = await outcome(blob);
          if (analysis?.diffId === sha256(tar)) expect(analysis.events).toEqual((await analyse(tar)).events);
        },
      ),
      { numRuns: 300 },
    );
  });
});

async function outcome(bytes: Uint8Array): Promise<LayerAnalysis | null> {
  try {
    const analysis = await analyse(bytes);
    buildInventory({ layers: [{ digest: null, analysis }], config: null, unfit: [] });
    return analysis;
  } catch (error) {
    expect(isPratiqueError(error) ? error.code : error).toMatch(/^(layer-unreadable|limit-exceeded)$/);
    return null;
  }
}
