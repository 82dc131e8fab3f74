import { cpSync, createReadStream, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { analyseLayer } from '../scanner/layer.ts';
import { defaultLayerLimits } from '../scanner/limits.ts';
import { type DockerRegistry, startDockerRegistry } from '../test/e2e/support/docker-registry.ts';
import { imageOfFolder } from '../test/e2e/support/folder-image.ts';
import { must } from '../test/e2e/support/run.ts';
import { cli, startPratique } from '../test/support/pratique.ts';
import { costOf } from './support/peak-memory.ts';
import { inTurns, type Sample } from './support/rounds.ts';
import { type Scratch, setting, withScratch } from './support/scratch.ts';
import { comparison, format } from './support/table.ts';

// first-pull.js ROOT OSV: the first pull of an image made of the folder ROOT, straight and through a proxy that has
// never seen anything; the inventory beside `gzip -dc`; the import of the OSV directory.
const rounds = setting('BENCH_ROUNDS', 7);
/** Milliseconds in which a proxy that has just come up loads what its threads need. */
const settling = 2000;
const [root, osv] = process.argv.slice(2);
if (root === undefined || osv === undefined) throw new Error('usage: first-pull.js ROOT OSV');

// Everything is matched and evaluated, and nothing refused, whatever the image holds.
const policy = `
version: 1
name: bench
rules:
  - { id: any, title: Anything known, action: warn, when: { severity: { atLeast: negligible, unknown: true } } }
require: { coverage: warn, completeInventory: warn, advisories: { maxAge: 3650d, action: warn } }
`;

await withScratch(async (scratch) => {
  const image = await imageOfFolder(root, scratch.dir);
  const layer = image.layers[0];
  if (layer === undefined) throw new Error('the image has no layer');
  const megabytes = format(layer.bytes.length / 1e6);
  const registry = await startDockerRegistry(join(scratch.dir, 'registry'));
  scratch.atEnd(() => registry.stop());
  await registry.push('bench', 'first', image);

  const imported = join(scratch.dir, 'imported');
  const imports = [];
  for (let time = 0; time < 3; time += 1) {
    rmSync(imported, { recursive: true, force: true });
    imports.push(await costOf([cli, 'advisories', 'update', '--from', osv, '--data', imported]));
  }
  const costs = imports.map(
    ({ seconds, peak }) => `${format(seconds)} s with at most ${format(peak / 1024 ** 2)} MiB`,
  );
  process.stdout.write(`import of the OSV directory, three times anew: ${costs.join(', ')}\n\n`);

  const pulls = await inTurns(
    [
      { name: 'through Pratique', measure: () => throughProxy(scratch, registry, imported) },
      { name: 'straight', measure: async () => ({ s: await pull(scratch, `${registry.host}/bench:first`) }) },
    ],
    rounds,
  );
  const file = join(scratch.dir, 'layer.tar.gz');
  writeFileSync(file, layer.bytes);
  const inventories = await inTurns(
    [
      { name: 'analyseLayer', measure: () => timed(() => analyse(file)) },
      { name: 'gzip -dc', measure: () => timed(() => must('sh', ['-c', 'gzip -dc "$0" >/dev/null', file])) },
    ],
    rounds,
  );
  process.stdout.write(`One layer of ${megabytes} MB (gzip), ${rounds} rounds in turns\n\n`);
  process.stdout.write(
    `${comparison([{ what: 'first pull', unit: 's', samples: pulls }], ['through Pratique', 'straight'])}\n\n`,
  );
  process.stdout.write(
    `${comparison([{ what: 'inventory', unit: 's', samples: inventories }], ['analyseLayer', 'gzip -dc'])}\n`,
  );
});

/** With a data folder that holds advisories alone; its start is not counted, that its code is cold is. */
async function throughProxy(scratch: Scratch, upstream: DockerRegistry, imported: string): Promise<Sample> {
  const dir = join(scratch.dir, 'fresh');
  cpSync(imported, join(dir, 'data'), { recursive: true });
  const pratique = await startPratique({
    dir,
    policy,
    upstreams: [{ name: 'corp', namespace: 'corp.test', url: upstream.url }],
  });
  try {
    await sleep(settling);
    return { s: await pull(scratch, `${pratique.registry.replace('http://', '')}/corp/bench:first`) };
  } finally {
    await pratique.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Seconds that skopeo takes. */
async function pull(scratch: Scratch, image: string): Promise<number> {
  const to = join(scratch.dir, 'pulled');
  rmSync(to, { recursive: true, force: true });
  const { s } = await timed(() =>
    must('skopeo', ['copy', '--quiet', '--src-tls-verify=false', `docker://${image}`, `dir:${to}`]),
  );
  return s ?? Number.NaN;
}

async function analyse(file: string): Promise<void> {
  const { events } = await analyseLayer(createReadStream(file, { highWaterMark: 512 * 1024 }), {
    limits: defaultLayerLimits,
  });
  if (events.length === 0) throw new Error('the layer was found empty');
}

async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const started = performance.now();
  await work();
  return { s: (performance.now() - started) / 1000 };
}
