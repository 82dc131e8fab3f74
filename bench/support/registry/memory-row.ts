import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { startServer } from '../own-process.ts';
import type { Scratch } from '../scratch.ts';
import { format } from '../table.ts';
import { type LayeredImage, layeredImage } from './layered-image.ts';
import { startGate } from './peers.ts';
import { peakWhile } from './process-cost.ts';
import { fetchAll } from './pull-client.ts';
import type { Kept, Row } from './row.ts';

const pulls = 64;
/** Megabytes. */
const bound = 350;
/** Bytes per second: as fast as loopback is. */
const unshaped = 100_000_000_000;

/** Resident memory while 64 pull a large blob: one that is there, and one that arrives. */
export const memory: Row = {
  name: 'memory',
  async measure(scratch, sizes) {
    const dir = join(scratch.dir, 'large');
    const image = layeredImage(dir, 1, sizes.memoryBytes);
    const url = await startServer('registry/shaped-upstream', [dir, String(unshaped)], '/v2/', scratch);
    const kept: Kept[] = [];
    for (const gate of ['manifest', 'off'] as const) {
      for (const [state, peak] of await peaks(scratch, url, image, gate)) {
        kept.push({
          what: `${pulls} pulls of ${format(image.bytes / 1e6)} MB, ${state}, ${gate === 'off' ? 'ungated' : 'manifest gate'}: resident MB`,
          value: peak / 1e6,
          bound: { atMost: bound },
        });
      }
    }
    return { text: 'See the numbers.', kept };
  },
};

async function peaks(
  scratch: Scratch,
  url: string,
  image: LayeredImage,
  gate: 'manifest' | 'off',
): Promise<readonly (readonly [string, number])[]> {
  const dir = join(scratch.dir, 'memory');
  const pratique = await startGate(dir, url, { gate });
  try {
    const base = `${pratique.registry}/v2/corp/bench`;
    const all = async (): Promise<void> => {
      const agent = new Agent({ maxSockets: pulls });
      await fetchAll(agent, `${base}/manifests/big`);
      const [layer = ''] = image.layers;
      await Promise.all(Array.from({ length: pulls }, () => fetchAll(agent, `${base}/blobs/${layer}`)));
    };
    const cold = await peakWhile(pratique.child.pid, all);
    const warm = await peakWhile(pratique.child.pid, all);
    return [
      ['cold', cold],
      ['warm', warm],
    ];
  } finally {
    await pratique.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
