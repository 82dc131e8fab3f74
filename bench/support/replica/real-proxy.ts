import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPaths } from '../../../app/paths.ts';
import type { Digest } from '../../../core/digest.ts';
import { openState, type StateFile } from '../../../db/state.ts';
import { parsePolicySources } from '../../../policy/bindings/sources.ts';
import { type RunningPratique, startPratique } from '../../../test/support/pratique.ts';
import type { Scratch } from '../scratch.ts';
import { imageOf, verdictOf } from './entries.ts';

/** Images in one transaction. */
const together = 1000;
const token = 'a-token-for-a-benchmark-that-is-long-enough';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** A proxy in a process of its own, as gates on their own reach it. */
export interface RealProxy {
  readonly pratique: RunningPratique;
  readonly url: string;
  /** PEM file. */
  readonly caFile: string;
  readonly token: string;
}

/** Starts the real `pratique serve` with `listen.gates`, over TLS, on records of so many images with their verdicts and tags. */
export async function startRealProxy(scratch: Scratch, images: number): Promise<RealProxy> {
  const dir = join(scratch.dir, 'proxy');
  const paths = dataPaths(join(dir, 'data'));
  mkdirSync(paths.root, { recursive: true });
  const state = openState(paths.state);
  const policy = parsePolicySources({ source: null, texts: {} }).policies.get('baseline');
  if (policy === undefined) throw new Error('there is no baseline');
  const at = new Date().toISOString();
  for (let first = 0; first < images; first += together) {
    const last = Math.min(images, first + together);
    state.together(() => {
      for (let index = first; index < last; index += 1) recordOne(state, index, policy.revision, at);
    });
  }
  state.close();
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  const pratique = await startPratique({
    dir,
    upstreams: [{ name: 'corp', namespace: 'registry.corp', url: 'http://127.0.0.1:9' }],
    config: { gates: { tokens: [{ cluster: 'bench', tokenFile }] } },
  });
  scratch.atEnd(() => pratique.stop('SIGKILL'));
  return {
    pratique,
    url: `https://127.0.0.1:${pratique.ports.gates}`,
    caFile: join(pratique.dataDir, 'gates', 'ca.crt'),
    token,
  };
}

function recordOne(state: StateFile, index: number, policyRevision: string, at: string): void {
  const bytes = Buffer.from(manifestOf(index));
  const digest = digestOf(bytes);
  const { repository, tags } = imageOf(index, digest);
  state.putManifest(repository, { digest, mediaType: manifestType, bytes, blobs: [] });
  for (const tag of tags) state.putTag(repository, tag, digest, at);
  state.putVerdicts([{ digest, verdict: verdictOf(index, policyRevision, at), cause: 'first' }], at);
}

/** Of a config and five layers, as registries have them. */
function manifestOf(index: number): string {
  const blob = (mediaType: string, what: string, size: number) => ({
    ...{ mediaType, digest: digestOf(Buffer.from(`${what} ${index}`)), size },
  });
  return JSON.stringify({
    ...{ schemaVersion: 2, mediaType: manifestType },
    config: blob(configType, 'config', 7000 + index),
    layers: [1, 2, 3, 4, 5].map((layer) => blob(layerType, `layer ${layer}`, layer * 1_000_000)),
  });
}

function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
