import type { ProxySettings } from '../../core/http-proxy.ts';
import { formatReference, type ImageReference, pointerOf } from '../../core/reference.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { createUpstreamClient } from '../../registry/upstream/client.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import { lookUpAttached } from '../../vetting/attached-lookup.ts';
import { upstreamAttachments } from '../../vetting/attached-source.ts';
import type { ImageSource } from './source.ts';

/** An image in a registry, read with the configured upstream's address and credentials where there is one. */
export function openRegistryImage(
  reference: ImageReference,
  { upstreams, proxies }: { readonly upstreams: readonly UpstreamConfig[]; readonly proxies: ProxySettings },
): ImageSource {
  const upstream =
    upstreams.find(({ namespace }) => namespace === reference.registry) ?? adHoc(reference.registry, proxies);
  const client = createUpstreamClient(upstream);
  return {
    reference: formatReference(reference),
    names: [`${reference.registry}/${reference.path}`],
    inRegistry: true,
    manifest: async (pointer) => {
      const answer = await client.getManifest(reference.path, pointer ?? pointerOf(reference));
      const manifest = parseManifest(answer.bytes, answer.mediaType);
      return { digest: answer.digest, mediaType: manifest.mediaType, bytes: answer.bytes, manifest };
    },
    blob: async (descriptor) => (await client.openBlob(reference.path, descriptor.digest)).body,
    place: () => ({ kind: 'upstream', upstream, path: reference.path }),
    checkedBy: 'blobs',
    position: null,
    attached: async (digest) => ({
      repository: `${reference.registry}/${reference.path}`,
      lookedAt: new Date().toISOString(),
      ...(await lookUpAttached(upstreamAttachments(client, reference.path), digest)),
    }),
    close: () => client.close(),
  };
}

/** Docker Hub's API answers on another host than its name. */
const dockerHub = 'registry-1.docker.io';

/** As every client does: plain HTTP for this machine, HTTPS for all others. */
function adHoc(registry: string, proxies: ProxySettings): UpstreamConfig {
  const local = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(registry);
  return {
    name: registry,
    namespace: registry,
    url: `${local ? 'http' : 'https'}://${registry === 'docker.io' ? dockerHub : registry}`,
    credentials: null,
    proxies,
  };
}
