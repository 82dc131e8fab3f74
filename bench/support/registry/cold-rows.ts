import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerRegistry } from '../../../test/e2e/support/docker-registry.ts';
import { must } from '../../../test/e2e/support/run.ts';
import { startServer } from '../own-process.ts';
import { inTurns, medianOf, ratio, type Sample } from '../rounds.ts';
import type { Scratch } from '../scratch.ts';
import { comparison, format, table } from '../table.ts';
import { type LayeredImage, layeredImage } from './layered-image.ts';
import { startGate } from './peers.ts';
import { gunzipSeconds, processorSeconds } from './process-cost.ts';
import { pullImage } from './pull-client.ts';
import type { Kept, Row, Sizes } from './row.ts';

const layerCount = 10;

interface Line {
  readonly image: LayeredImage;
  readonly url: string;
}

/** How an image is pulled: gives seconds. */
type Client = (base: string, image: LayeredImage, scratch: Scratch) => Promise<number>;

const clients: Readonly<Record<string, Client>> = {
  'three layers at once': (base, image) => timed(() => pullImage(base, image)),
  skopeo: (base, _image, scratch) => {
    const to = join(scratch.dir, 'pulled');
    rmSync(to, { recursive: true, force: true });
    const from = `docker://${base.replace('http://', '').replace('/v2/', '/')}:big`;
    return timed(() => must('skopeo', ['copy', '--quiet', '--src-tls-verify=false', from, `dir:${to}`]));
  },
};

export const coldPull: Row = {
  name: 'cold-pull',
  async measure(scratch, sizes) {
    const line = await startLine(scratch, sizes);
    const measured = [];
    const processor: string[][] = [];
    const kept: Kept[] = [];
    const names = ['pratique', 'docker-registry', 'pratique, off', 'straight'];
    for (const [client, pull] of Object.entries(clients)) {
      const through = (gate: 'manifest' | 'off') => () => throughGate(scratch, line, gate, pull);
      const samples = await inTurns(
        [
          { name: 'pratique', measure: through('manifest') },
          { name: 'docker-registry', measure: () => throughCache(scratch, line, pull) },
          { name: 'pratique, off', measure: through('off') },
          {
            name: 'straight',
            measure: async () => ({ s: await pull(`${line.url}/v2/bench`, line.image, scratch) }),
          },
        ],
        sizes.rounds,
        { warmUp: false },
      );
      const megabytes = format(line.image.bytes / 1e6);
      measured.push({ what: `cold pull of ${megabytes} MB, ${client}`, unit: 's', samples });
      for (const gate of ['pratique', 'pratique, off']) {
        const taken = medianOf(samples, gate, 'cpu s');
        processor.push([`${gate}, ${client}`, format(taken)]);
      }
      kept.push({
        what: `cold pull, ${client}: of docker-registry`,
        value: ratio(samples, 'pratique', 'docker-registry', 's'),
        bound: { atMost: 1.5 },
      });
      if (medianOf(samples, 'pratique', 'upstream') > 1)
        throw new Error('the upstream served some bytes more than once');
    }
    processor.push(['`gzip -dc` of the same layers', format(await gunzipSeconds(line.image.files))]);
    const text = `${comparison(measured, names)}\n\n${table(['processor time', 's'], processor)}`;
    return { text, kept };
  },
};

export const coldTogether: Row = {
  name: 'cold-together',
  async measure(scratch, sizes) {
    const line = await startLine(scratch, sizes);
    const kept: Kept[] = [];
    const lines: string[] = [];
    for (const gate of ['manifest', 'off'] as const) {
      const together: Client = (base, image) =>
        timed(() => Promise.all(Array.from({ length: sizes.clients }, () => pullImage(base, image))));
      const sample = await throughGate(scratch, line, gate, together);
      const what = `${sizes.clients} clients at once, ${gate === 'off' ? 'ungated' : 'manifest gate'}`;
      lines.push(
        `${what}: ${format(sample.s ?? Number.NaN)} s, ${format(sample['cpu s'] ?? Number.NaN)} s of processor time`,
      );
      kept.push({
        what: `${what}: how often the upstream served a byte, at most`,
        value: sample.upstream ?? Number.NaN,
        bound: { atMost: 1 },
      });
    }
    return { text: lines.join('\n'), kept };
  },
};

async function startLine(scratch: Scratch, sizes: Sizes): Promise<Line> {
  const dir = join(scratch.dir, 'layered');
  const image = layeredImage(dir, layerCount, sizes.layerBytes);
  const url = await startServer('registry/shaped-upstream', [dir, String(sizes.lineBytes)], '/v2/', scratch);
  return { image, url };
}

/** With a data folder that holds advisories alone; its start is not counted. */
async function throughGate(
  scratch: Scratch,
  line: Line,
  gate: 'manifest' | 'off',
  pull: Client,
): Promise<Sample> {
  const dir = join(scratch.dir, 'cold-gate');
  const pratique = await startGate(dir, line.url, { gate });
  try {
    await fetch(`${line.url}/forget`, { method: 'POST' });
    const before = processorSeconds(pratique.child.pid);
    const s = await pull(`${pratique.registry}/v2/corp/bench`, line.image, scratch);
    const served = (await (await fetch(`${line.url}/served`)).json()) as Record<string, number>;
    const total = Object.values(served).reduce((sum, bytes) => sum + bytes, 0);
    return {
      s,
      'cpu s': processorSeconds(pratique.child.pid) - before,
      upstream: total / line.image.bytes,
    };
  } finally {
    await pratique.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function throughCache(scratch: Scratch, line: Line, pull: Client): Promise<Sample> {
  const dir = join(scratch.dir, 'cold-cache');
  const cache = await startDockerRegistry(dir, line.url);
  try {
    return { s: await pull(`${cache.url}/v2/bench`, line.image, scratch) };
  } finally {
    await cache.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
