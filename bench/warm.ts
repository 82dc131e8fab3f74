import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDockerRegistry } from '../test/e2e/support/docker-registry.ts';
import { osvRecord } from '../test/support/osv.ts';
import { importFeeds, startPratique } from '../test/support/pratique.ts';
import { bigImage } from './support/image.ts';
import { blobLoad, manifestLoad } from './support/load.ts';
import { startServer } from './support/own-process.ts';
import { inTurns, type Sample } from './support/rounds.ts';
import { setting, withScratch } from './support/scratch.ts';
import { comparison } from './support/table.ts';

// What a warm proxy serves, beside the least that Node can do and beside docker-registry's pull-through of the
// same upstream. `BENCH_ROUNDS` and `BENCH_SECONDS` (per measurement) may be set.
const rounds = setting('BENCH_ROUNDS', 5);
const seconds = setting('BENCH_SECONDS', 3);
/** Bytes per read of the bare server: what the blob store reads at once, so that only the rest differs. */
const readSize = 512 * 1024;

const policy = `
version: 1
name: bench
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;

interface Served {
  readonly name: string;
  /** Below which `manifests/` and `blobs/` lie. */
  readonly base: string;
}

await withScratch(async (scratch) => {
  const image = bigImage();
  const layer = image.layers[1];
  if (layer === undefined) throw new Error('the image has no second layer');

  const upstream = await startDockerRegistry(join(scratch.dir, 'upstream'));
  scratch.atEnd(() => upstream.stop());
  await upstream.push('bench', 'big', image);

  await importFeeds(scratch.dir, {
    Debian: [osvRecord({ id: 'DEBIAN-CVE-2026-0001', ecosystem: 'Debian:12', package: 'zlib', fixed: '2' })],
  });
  const pratique = await startPratique({
    dir: scratch.dir,
    policy,
    upstreams: [{ name: 'corp', namespace: 'corp.test', url: upstream.url }],
  });
  scratch.atEnd(() => pratique.stop());

  const peer = await startDockerRegistry(join(scratch.dir, 'peer'), upstream.url);
  scratch.atEnd(() => peer.stop());

  const manifestFile = join(scratch.dir, 'manifest.json');
  const layerFile = join(scratch.dir, 'layer.tar');
  writeFileSync(manifestFile, image.manifest.bytes);
  writeFileSync(layerFile, layer.bytes);
  const bare = await startServer('bare-server', [manifestFile, layerFile, String(readSize)], '/v2/', scratch);

  const served: Served[] = [
    { name: 'pratique', base: `${pratique.registry}/v2/corp/bench` },
    { name: 'bare Node', base: `${bare}/v2/bench` },
    { name: 'docker-registry', base: `${peer.url}/v2/bench` },
  ];
  const blob = `blobs/${layer.digest}`;
  for (const { name, base } of served) {
    for (const path of ['manifests/big', blob, blob])
      await warm(name, `${base}/${path}`, image.manifest.mediaType);
  }
  // docker-registry stores what it pulled through after it has answered.
  await sleep(3000);

  const measure = (load: (url: string, seconds: number) => Promise<Sample>, path: string) =>
    inTurns(
      served.map(({ name, base }) => ({ name, measure: () => load(`${base}/${path}`, seconds) })),
      rounds,
    );
  const byDigest = await measure(manifestLoad, `manifests/${image.manifest.digest}`);
  const byTag = await measure(manifestLoad, 'manifests/big');
  const bytes = await measure(blobLoad, blob);
  const measured = [
    { what: 'manifest by digest', unit: 'req/s', samples: byDigest },
    { what: 'manifest by digest', unit: 'p99 ms', samples: byDigest },
    { what: 'manifest by tag', unit: 'req/s', samples: byTag },
    { what: 'manifest by tag', unit: 'p99 ms', samples: byTag },
    { what: 'blob of 128 MiB', unit: 'MB/s', samples: bytes },
  ];
  process.stdout.write(
    `Warm, 16 connections, ${rounds} rounds of ${seconds} s in turns; medians, and medians of the rounds' ratios\n\n`,
  );
  process.stdout.write(
    `${comparison(
      measured,
      served.map(({ name }) => name),
    )}\n`,
  );
});

async function warm(name: string, url: string, accept: string): Promise<void> {
  const response = await fetch(url, { headers: { Accept: accept } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${name} answered ${url} with ${response.status}`);
}
