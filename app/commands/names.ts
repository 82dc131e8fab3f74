import type { ImageReference } from '../../core/reference.ts';
import { createAddressing, type UpstreamAddressing } from '../../registry/addressing.ts';
import type { Config, Listen } from '../config/config.ts';
import { boundNames, ownNames } from '../registry-ports.ts';

/** Reads image names as the configured server would: `localhost:5000/docker.io/x` and `docker.io/x` are one. */
export function addressingOf(config: Config): UpstreamAddressing {
  const { registry, bound } = config.listen;
  /** Which port a 0 becomes is known to the server alone. */
  const fixed = (at: Listen | null): Listen | null => (at === null || at.port === 0 ? null : at);
  return createAddressing({
    upstreams: config.upstreams,
    publicNames: [...new Set([...config.publicNames, ...ownNames(fixed(registry))])],
    boundNames: boundNames(bound.map((place) => ({ ...place, at: fixed(place.at) }))),
  });
}

/** The reference with its registry's own name, where the configuration knows the registry. */
export function canonicalReference(config: Config, reference: ImageReference): ImageReference {
  const address = addressingOf(config).locate(reference.registry, reference.path);
  return address === null ? reference : { ...reference, registry: address.namespace, path: address.path };
}
