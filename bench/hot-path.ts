import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex } from '../core/digest.ts';
import { openBlobStore } from '../registry/blob-store.ts';
import { bigImage } from './support/image.ts';
import { blobLoad, manifestLoad } from './support/load.ts';
import { startServer } from './support/own-process.ts';
import { inTurns, type Sample } from './support/rounds.ts';
import { setting, withScratch } from './support/scratch.ts';
import { comparison } from './support/table.ts';

// The registry's handler before Express and mounted in it, in turns (ADR 0006).
const rounds = setting('BENCH_ROUNDS', 7);
const seconds = setting('BENCH_SECONDS', 3);

await withScratch(async (scratch) => {
  const image = bigImage();
  const layer = image.layers[1];
  if (layer === undefined) throw new Error('the image has no second layer');
  const store = join(scratch.dir, 'store');
  mkdirSync(store);
  for (const [digest, bytes] of image.blobs) {
    await openBlobStore(store).write(digest, bytes.length, pieces(bytes));
  }
  const manifestFile = join(scratch.dir, `${digestHex(image.manifest.digest)}.json`);
  writeFileSync(manifestFile, image.manifest.bytes);

  const start = (mode: string): Promise<string> =>
    startServer('handler-server', [mode, manifestFile, image.manifest.digest, store], '/v2/', scratch);
  const servers = [
    { name: 'before Express', url: await start('before') },
    { name: 'inside Express', url: await start('inside') },
  ];
  const measure = (load: (url: string, seconds: number) => Promise<Sample>, path: string) =>
    inTurns(
      servers.map(({ name, url }) => ({
        name,
        measure: () => load(`${url}/v2/corp/bench/${path}`, seconds),
      })),
      rounds,
    );
  const manifests = await measure(manifestLoad, `manifests/${image.manifest.digest}`);
  const configs = await measure(manifestLoad, `blobs/${image.config.digest}`);
  const layers = await measure(blobLoad, `blobs/${layer.digest}`);
  const measured = [
    { what: 'manifest by digest', unit: 'req/s', samples: manifests },
    { what: 'manifest by digest', unit: 'p99 ms', samples: manifests },
    { what: 'config blob (small)', unit: 'req/s', samples: configs },
    { what: 'blob of 128 MiB', unit: 'MB/s', samples: layers },
  ];
  process.stdout.write(`16 connections, ${rounds} rounds of ${seconds} s in turns\n\n`);
  process.stdout.write(
    `${comparison(
      measured,
      servers.map(({ name }) => name),
    )}\n`,
  );
});

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1024 ** 2) yield bytes.subarray(at, at + 1024 ** 2);
}
