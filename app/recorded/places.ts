import { type AskContext, type AskedImage, plainContext } from '../../core/context.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import { noCluster, placeName, type Sighting } from '../../core/ports/sightings.ts';
import { parseImageReference } from '../../core/reference.ts';
import { canonicalName, hostedUpstream } from '../../core/repository.ts';
import type { Asked } from '../../policy/bindings/binding.ts';

/** Where somebody would ask for an image: a pull of one of its names, or a workload that runs it. */
export interface Place {
  readonly asked: Asked;
  /** `cluster/namespace/workload`; null for a pull. */
  readonly running: string | null;
}

/**
 * Every place that is recorded of an image. Of a workload its cluster and namespace are, their labels and its own are
 * not: a binding that names the labels of the namespace cannot be decided, one that names those of a workload does not fit.
 */
export function placesOf(
  images: readonly string[],
  sightings: readonly Sighting[],
  addressing: Addressing,
): readonly Place[] {
  const running = sightings.map((sighting) => runningPlace(sighting, images, addressing));
  const pulls = images.map((name): Place => {
    return { asked: { context: plainContext('proxy'), image: askedImage(name, addressing) }, running: null };
  });
  return [...running, ...pulls];
}

function runningPlace(sighting: Sighting, images: readonly string[], addressing: Addressing): Place {
  const { cluster, namespace, image } = sighting;
  const context: AskContext = {
    ...plainContext('admission'),
    cluster: cluster === noCluster ? null : cluster,
    namespace,
    namespaceLabels: null,
  };
  // One of those that hold it is meant.
  const written = nameOf(image, addressing);
  const name = images.find((known) => known === written) ?? images[0];
  const asked = name === undefined ? { upstream: null, repository: null } : askedImage(name, addressing);
  return { asked: { context, image: asked }, running: placeName(sighting) };
}

/** The canonical name behind a reference, with a tag, a digest or the proxy's own name; null: it is none. */
function nameOf(image: string, addressing: Addressing): string | null {
  try {
    const { registry, path } = parseImageReference(image);
    const address = addressing.locate(registry, path);
    return address === null ? `${registry}/${path}` : canonicalName(address);
  } catch (error) {
    if (isPratiqueError(error)) return null;
    throw error;
  }
}

/** @param name canonical name of a repository */
export function askedImage(name: string, addressing: Addressing): AskedImage {
  const slash = name.indexOf('/');
  const registry = name.slice(0, slash);
  if (registry === hostedUpstream) return { upstream: hostedUpstream, repository: name };
  const address = addressing.locate(registry, name.slice(slash + 1));
  return { upstream: address?.upstream ?? null, repository: name };
}
