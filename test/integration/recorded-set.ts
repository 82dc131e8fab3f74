import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { openState } from '../../db/state.ts';
import { buildImage } from '../support/images.ts';
import { realInventory, stacks, systems, updateSteps } from './real-inventories.ts';

/** An image of the recorded set. */
export interface RecordedOne {
  /** `docker.io/team/debian-12-node:4`. */
  readonly name: string;
  readonly digest: Digest;
  readonly system: string;
  readonly stack: string;
  /** How many tenths of its outdated packages were updated. */
  readonly step: number;
}

/** Where some of them run: every image of these steps, in the namespace of its stack. */
export const runningSteps = [0, 10];
export const cluster = 'eu-1';

/**
 * Records every system with every stack at every step, as if each had been pulled from docker.io and inspected:
 * 220 images, 40 of which run.
 */
export function recordRealImages(data: string, at: string): readonly RecordedOne[] {
  const state = openState(join(data, 'state.db'));
  const images: RecordedOne[] = [];
  state.together(() => {
    for (const system of systems.keys()) {
      for (const stack of stacks.keys()) {
        for (let step = 0; step <= updateSteps; step += 1) {
          const path = `team/${system}-${stack}`;
          const { manifest } = buildImage({ layers: [], config: { Labels: { image: `${path}:${step}` } } });
          const { digest, mediaType, bytes } = manifest;
          const address = { upstream: 'docker.io', namespace: 'docker.io', path };
          state.putManifest(address, { digest, mediaType, bytes, blobs: [] });
          state.putTag(address, String(step), digest, at);
          state.putInventory(digest, realInventory(system, stack, step), at);
          images.push({ name: `docker.io/${path}:${step}`, digest, system, stack, step });
        }
      }
    }
    state.putSightings(
      images
        .filter(({ step }) => runningSteps.includes(step))
        .map(({ name, digest, system, stack, step }) => ({
          digest,
          cluster,
          namespace: stack,
          workload: `Deployment/${system}-${step}`,
          image: name,
          team: stack === 'plain' ? null : stack,
          lastAt: at,
        })),
    );
  });
  state.close();
  return images;
}
