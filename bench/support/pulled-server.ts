import { buildImage, debianRoot } from '../../test/support/images.ts';
import { type RunningPratique, startPratique } from '../../test/support/pratique.ts';
import { startUpstream } from '../../test/support/upstream.ts';
import { policyText } from './policy-50.ts';
import { pullLoad } from './pull-load.ts';
import type { Scratch } from './scratch.ts';

/** A server over recorded images, and an image that is pulled through it. */
export interface PulledServer {
  readonly pratique: RunningPratique;
  /** Pulls everything once, so that it is kept. */
  readonly warm: () => Promise<void>;
  /** Pulls per second, measured for so many seconds. */
  readonly pulls: (seconds: number) => Promise<number>;
}

/** @param dir with the records that it starts on */
export async function startPulled(scratch: Scratch, dir: string): Promise<PulledServer> {
  const image = buildImage({
    layers: [
      { files: debianRoot({ release: '12', packages: [{ name: 'base-files', version: '12.4' }] }) },
      { files: [{ path: 'opt/app', content: Buffer.alloc(64 * 1024, 'pratique') }], compression: 'none' },
    ],
  });
  const upstream = await startUpstream({ repositories: { 'bench/app': { latest: image } } });
  scratch.atEnd(() => upstream.close());
  const pratique = await startPratique({
    dir,
    policy: policyText(0),
    upstreams: [{ name: 'corp', namespace: 'corp.test', url: upstream.url }],
  });
  scratch.atEnd(() => pratique.stop());
  const base = `${pratique.registry}/v2/corp/bench/app`;
  const paths = [image.manifest.digest, ...image.blobs.keys()].map(
    (digest, position) => `${position === 0 ? 'manifests' : 'blobs'}/${digest}`,
  );
  return {
    pratique,
    warm: async () => {
      for (const path of paths) await pullOnce(`${base}/${path}`);
    },
    pulls: (seconds) => pullLoad(base, paths, dir, seconds),
  };
}

async function pullOnce(url: string): Promise<void> {
  const response = await fetch(url, { headers: { Accept: 'application/vnd.oci.image.manifest.v1+json' } });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered with ${response.status}: ${body}`);
}
