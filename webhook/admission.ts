import type { AskContext } from '../core/context.ts';
import { askerOf } from './asker.ts';
import { askerFaults } from './bounds.ts';
import { Deadline, late, mapBounded } from './deadline.ts';
import { type FoundImages, findImages, sameImages } from './images.ts';
import { type JudgePorts, judgeImage } from './judge.ts';
import type { NamespaceLabels } from './namespaces.ts';
import type { AdmissionRequest, Decision } from './review.ts';
import { decide, type Placed, refusal } from './words.ts';

const mostImages = 100;
/** Containers and volumes of one object; the API server takes far fewer. */
const mostPlaces = 1000;
const atOnce = 8;
const allowed: Decision = { allowed: true, message: null, warnings: [], audit: {} };

export interface AdmitPorts extends JudgePorts {
  /** Name of the cluster that asks, as the configuration gives it. */
  readonly cluster: string | null;
  /** null: nobody can read them, so what depends on them cannot be decided. */
  readonly namespaces: NamespaceLabels | null;
}

/** A decision, and what it was made from. */
export interface Admission {
  readonly decision: Decision;
  /** Empty where no image was looked at. */
  readonly placed: readonly Placed[];
  /** null: as above. */
  readonly asker: AskContext | null;
}

/**
 * The answer to one admission request, within `milliseconds`. Deletions and connections run nothing, and an
 * update that names the same images as before is no reason to look again (finalizers have to go through). An object
 * that cannot be read, or whose asker is too much to compare, is refused in every mode: nobody knows what it would
 * run, or for whom.
 * @param now milliseconds
 * @throws what is an error in Pratique itself; the caller denies
 */
export async function admit(
  ports: AdmitPorts,
  request: AdmissionRequest,
  milliseconds: number,
  now: () => number,
): Promise<Admission> {
  const { operation, kind } = request;
  if (operation === 'DELETE' || operation === 'CONNECT') return plain(allowed);
  const found = findImages(kind, request.object);
  if (found.faults.length > 0) return plain(refusal(found.faults));
  if (
    operation === 'UPDATE' &&
    request.oldObject !== null &&
    sameImages(found, findImages(kind, request.oldObject))
  ) {
    return plain(allowed);
  }
  const places = placesOf(found);
  if (found.images.length > mostPlaces) {
    return plain(
      refusal([`it names images in ${found.images.length} places, and at most ${mostPlaces} are read`]),
    );
  }
  if (places.size > mostImages) {
    return plain(refusal([`it names ${places.size} images, and at most ${mostImages} are judged at once`]));
  }
  const faults = askerFaults(request, found);
  if (faults.length > 0) return plain(refusal(faults));
  const deadline = new Deadline(milliseconds, now);
  const asker = await whoAsks(ports, request, found, deadline);
  const placed = await mapBounded([...places], atOnce, async ([image, where]) => ({
    judgement: await judgeImage(ports, image, asker, deadline),
    places: where,
  }));
  return { decision: decide(placed), placed, asker };
}

async function whoAsks(
  { namespaces, cluster }: AdmitPorts,
  request: AdmissionRequest,
  found: FoundImages,
  deadline: Deadline,
): Promise<AskContext> {
  const { namespace } = request;
  const read =
    namespaces === null || namespace === null ? null : await deadline.race(namespaces.labelsOf(namespace));
  return askerOf(request, found, cluster, read === late ? null : read);
}

function placesOf(found: FoundImages): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { where, image } of found.images) {
    const known = places.get(image);
    if (known === undefined) places.set(image, [where]);
    else known.push(where);
  }
  return places;
}

function plain(decision: Decision): Admission {
  return { decision, placed: [], asker: null };
}
