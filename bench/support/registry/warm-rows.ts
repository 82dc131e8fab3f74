import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDockerRegistry } from '../../../test/e2e/support/docker-registry.ts';
import { bigImage } from '../image.ts';
import { blobLoad, manifestLoad } from '../load.ts';
import { startServer } from '../own-process.ts';
import { inTurns, medianOf, ratio, type Sample, type Samples } from '../rounds.ts';
import type { Scratch } from '../scratch.ts';
import { comparison } from '../table.ts';
import { startCaches, startGate, startNginx } from './peers.ts';
import type { Kept, Outcome, Row, Sizes } from './row.ts';

/** Bytes per read of the bare server: what the blob store reads at once. */
const readSize = 512 * 1024;
const manyConnections = 64;

interface Served {
  readonly name: string;
  /** Of the blob, and of manifests; null: it serves files alone. */
  readonly blob: string;
  readonly manifests: string | null;
}

interface Stage {
  readonly served: readonly Served[];
  readonly digest: string;
  /** Of a Pratique that asks the upstream about each tag each time. */
  readonly revalidating: string;
}

/** One stage for both warm rows of a run. */
const stages = new WeakMap<Scratch, Promise<Stage>>();

export const warmBlobs: Row = {
  name: 'warm-blob',
  async measure(scratch, sizes) {
    const { served } = await stageOf(scratch, sizes);
    const names = served.map(({ name }) => name);
    const measured = [];
    const kept: Kept[] = [];
    for (const connections of [1, 16, manyConnections]) {
      const samples = await inTurns(
        served.map(({ name, blob }) => ({ name, measure: () => blobLoad(blob, sizes.seconds, connections) })),
        sizes.rounds,
      );
      const what = `blob of ${mebibytes(sizes.blobBytes)} MiB, ${connections} connections`;
      measured.push({ what, unit: 'MB/s', samples });
      const to = (other: string, bound: number): Kept => ({
        what: `${what}: of ${other}`,
        value: ratio(samples, 'pratique', other, 'MB/s'),
        bound: { atLeast: bound },
      });
      kept.push(to('bare Node', 0.9));
      for (const name of names) if (/^d(ocker|istribution)/.test(name)) kept.push(to(name, 1));
    }
    return { text: comparison(measured, names), kept };
  },
};

export const warmManifests: Row = {
  name: 'warm-manifest',
  async measure(scratch, sizes): Promise<Outcome> {
    const { served, digest, revalidating } = await stageOf(scratch, sizes);
    const measure = (places: readonly { readonly name: string; readonly url: string }[]): Promise<Samples> =>
      inTurns(
        places.map(({ name, url }) => ({ name, measure: () => load(url, sizes.seconds) })),
        sizes.rounds,
      );
    const placesOf = (reference: string): { name: string; url: string }[] =>
      served.flatMap(({ name, manifests }) =>
        manifests === null ? [] : [{ name, url: `${manifests}/${reference}` }],
      );
    const byDigest = await measure(placesOf(digest));
    const byTag = await measure(placesOf('big'));
    const cache = placesOf('big').find(({ name }) => name === 'docker-registry');
    if (cache === undefined) throw new Error('there is no docker-registry to compare with');
    const asking = await measure([{ name: 'pratique', url: `${revalidating}/big` }, cache]);
    const names = placesOf('big').map(({ name }) => name);
    const rows = (what: string, samples: Samples) =>
      ['req/s', 'p99 ms'].map((unit) => ({ what, unit, samples }));
    const text = [
      comparison(
        [...rows('manifest by digest', byDigest), ...rows('manifest by tag, within its time', byTag)],
        names,
      ),
      comparison(rows('manifest by tag, the upstream asked each time', asking), ['pratique', cache.name]),
    ].join('\n\n');
    const bounds = (what: string, samples: Samples): Kept[] => [
      { what: `${what}, req/s`, value: medianOf(samples, 'pratique', 'req/s'), bound: { atLeast: 10_000 } },
      { what: `${what}, p99 ms`, value: medianOf(samples, 'pratique', 'p99 ms'), bound: { atMost: 15 } },
    ];
    return {
      text,
      kept: [
        ...bounds('manifest by digest', byDigest),
        ...bounds('manifest by tag, within its time', byTag),
        {
          what: 'manifest by tag, the upstream asked each time: of docker-registry',
          value: ratio(asking, 'pratique', cache.name, 'req/s'),
          bound: { atLeast: 3 },
        },
      ],
    };
  },
};

function load(url: string, seconds: number): Promise<Sample> {
  return manifestLoad(url, seconds, manyConnections);
}

function stageOf(scratch: Scratch, sizes: Sizes): Promise<Stage> {
  const found = stages.get(scratch) ?? makeStage(scratch, sizes);
  stages.set(scratch, found);
  return found;
}

async function makeStage(scratch: Scratch, sizes: Sizes): Promise<Stage> {
  const dir = join(scratch.dir, 'warm');
  const image = bigImage(sizes.blobBytes);
  const layer = image.layers[1];
  if (layer === undefined) throw new Error('the image has no second layer');
  const upstream = await startDockerRegistry(join(dir, 'upstream'));
  scratch.atEnd(() => upstream.stop());
  await upstream.push('bench', 'big', image);
  const gate = await startGate(join(dir, 'gate'), upstream.url, { tagTtl: '10m' });
  scratch.atEnd(() => gate.stop());
  const asking = await startGate(join(dir, 'asking'), upstream.url, { tagTtl: '0s' });
  scratch.atEnd(() => asking.stop());
  const caches = await startCaches(scratch, dir, upstream.url);
  const manifestFile = join(dir, 'manifest.json');
  const layerFile = join(dir, 'layer.tar');
  writeFileSync(manifestFile, image.manifest.bytes);
  writeFileSync(layerFile, layer.bytes);
  const bare = await startServer('bare-server', [manifestFile, layerFile, String(readSize)], '/v2/', scratch);
  const nginx = await startNginx(scratch, layerFile);
  const registries = [
    { name: 'pratique', base: `${gate.registry}/v2/corp/bench` },
    { name: 'bare Node', base: `${bare}/v2/bench` },
    ...caches,
  ];
  const revalidating = `${asking.registry}/v2/corp/bench`;
  for (const base of [...registries.map((one) => one.base), revalidating]) {
    for (const path of ['manifests/big', `blobs/${layer.digest}`, `blobs/${layer.digest}`]) {
      await warm(`${base}/${path}`, image.manifest.mediaType);
    }
  }
  // docker-registry stores what it pulled through after it has answered.
  await sleep(3000);
  return {
    served: [
      ...registries.map(({ name, base }) => ({
        name,
        blob: `${base}/blobs/${layer.digest}`,
        manifests: `${base}/manifests`,
      })),
      { name: 'nginx', blob: `${nginx}/layer.tar`, manifests: null },
    ],
    digest: image.manifest.digest,
    revalidating: `${revalidating}/manifests`,
  };
}

async function warm(url: string, accept: string): Promise<void> {
  const response = await fetch(url, { headers: { Accept: accept } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${url} was answered with ${response.status}`);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
