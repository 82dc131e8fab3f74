import type { ImageReference } from '../../core/reference.ts';
import { createAddressing, type UpstreamAddressing } from '../../registry/addressing.ts';
import type { Config } from '../config/config.ts';
import { formatListen } from '../listen.ts';

/** Reads image names as the configured server would: `localhost:5000/docker.io/x` and `docker.io/x` are one. */
export function addressingOf(config: Config): UpstreamAddressing {
  const { registry } = config.listen;
  const own =
    registry === null || registry.port === 0
      ? []
      : [formatListen(registry), `localhost:${registry.port}`, `127.0.0.1:${registry.port}`];
  return createAddressing({
    upstreams: config.upstreams,
    publicNames: [...new Set([...config.publicNames, ...own])],
  });
}

/** The reference with its registry's own name, where the configuration knows the registry. */
export function canonicalReference(config: Config, reference: ImageReference): ImageReference {
  const address = addressingOf(config).locate(reference.registry, reference.path);
  return address === null ? reference : { ...reference, registry: address.namespace, path: address.path };
}
