import type { Built, BuiltManifest } from '../support/images.ts';
import { type Answer, type Asking, ask } from './client.ts';

/** Somebody who pushes and pulls at one registry. */
export interface Pusher {
  ask(path: string, asking?: Asking): Promise<Answer>;
  /** A blob in one piece. */
  blob(repository: string, digest: string, bytes: Uint8Array): Promise<Answer>;
  begin(repository: string): Promise<string>;
  manifest(repository: string, reference: string, manifest: BuiltManifest): Promise<Answer>;
  /** Blobs, then children, then the manifest under its tag; gives the last answer. */
  push(repository: string, tag: string, built: Built): Promise<Answer>;
}

/** @param authorization asked for before every request; null: none is sent */
export function createPusher(registry: () => string, authorization: () => Promise<string | null>): Pusher {
  const send = async (path: string, asking: Asking = {}): Promise<Answer> => {
    const credentials = await authorization();
    const headers = { ...(credentials === null ? {} : { Authorization: credentials }), ...asking.headers };
    return ask(registry(), path, { ...asking, headers });
  };
  const pusher: Pusher = {
    ask: send,
    blob: (repository, digest, bytes) =>
      send(`/v2/${repository}/blobs/uploads/?digest=${digest}`, {
        method: 'POST',
        body: bytes,
        headers: { 'Content-Length': String(bytes.length) },
      }),
    async begin(repository) {
      const { status, headers } = await send(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
      if (status !== 202) throw new Error(`an upload was not begun: ${status}`);
      return headers.location ?? '';
    },
    manifest: (repository, reference, { bytes, mediaType }) =>
      send(`/v2/${repository}/manifests/${reference}`, {
        method: 'PUT',
        body: bytes,
        headers: { 'Content-Type': mediaType, 'Content-Length': String(bytes.length) },
      }),
    async push(repository, tag, built) {
      for (const [digest, bytes] of built.blobs) {
        const { status, message } = await pusher.blob(repository, digest, bytes);
        if (status !== 201) throw new Error(`${digest} was not taken: ${status} ${message}`);
      }
      for (const { manifest } of built.kind === 'index' ? built.children : []) {
        const { status, message } = await pusher.manifest(repository, manifest.digest, manifest);
        if (status !== 201) throw new Error(`${manifest.digest} was not taken: ${status} ${message}`);
      }
      return pusher.manifest(repository, tag, built.manifest);
    },
  };
  return pusher;
}
