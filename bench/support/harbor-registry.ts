import { parentPort } from 'node:worker_threads';
import { startUpstream } from '../../test/support/upstream.ts';
import { buildImages, credentials, repository } from './harbor-images.ts';

// A registry with the benchmark's images, in a thread of its own, so that its work is not taken for Pratique's.
const port = parentPort;
if (port === null) throw new Error('harbor-registry runs as a worker thread only');

export interface RegistryReady {
  readonly url: string;
  readonly host: string;
  readonly manifests: readonly { readonly digest: string; readonly mediaType: string }[];
  readonly blobs: number;
}

const built = buildImages();
const registry = await startUpstream({
  repositories: Object.fromEntries(built.map((image, n) => [repository(n), { latest: image }])),
  auth: { kind: 'token', credentials, expiresIn: 300 },
});
const ready: RegistryReady = {
  url: registry.url,
  host: registry.host,
  manifests: built.map(({ manifest }) => ({ digest: manifest.digest, mediaType: manifest.mediaType })),
  blobs: new Set(built.flatMap((image) => [...image.blobs.keys()])).size,
};
port.postMessage(ready);
/** Any message asks how many bodies of blobs were sent. */
port.on('message', () => {
  const blobs = new Set<string>(built.flatMap((image) => [...image.blobs.keys()]));
  const sent = [...blobs].filter(
    (digest) => registry.bytesSent(new RegExp(`/blobs/${digest}$`)) > 1000,
  ).length;
  const times = registry.requests.filter(
    ({ method, path, headers }) =>
      method === 'GET' && path.includes('/blobs/') && headers.authorization !== undefined,
  ).length;
  port.postMessage({ sent, times });
});
