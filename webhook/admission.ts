import { Deadline, mapBounded } from './deadline.ts';
import { findImages, sameImages } from './images.ts';
import { type JudgePorts, judgeImage } from './judge.ts';
import type { AdmissionRequest, Decision } from './review.ts';
import { decide, refusal } from './words.ts';

const mostImages = 100;
/** Containers and volumes of one object; the API server takes far fewer. */
const mostPlaces = 1000;
const atOnce = 8;
const allowed: Decision = { allowed: true, message: null, warnings: [], audit: {} };

/**
 * The answer to one admission request, within `milliseconds`. Deletions and connections run nothing, and an
 * update that names the same images as before is no reason to look again (finalizers have to go through).
 * @param now milliseconds
 * @throws what is an error in Pratique itself; the caller denies
 */
export async function admit(
  ports: JudgePorts,
  request: AdmissionRequest,
  milliseconds: number,
  now: () => number,
): Promise<Decision> {
  const { operation, kind } = request;
  if (operation === 'DELETE' || operation === 'CONNECT') return allowed;
  const found = findImages(kind, request.object);
  if (found.faults.length > 0) return refusal(found.faults);
  if (
    operation === 'UPDATE' &&
    request.oldObject !== null &&
    sameImages(found, findImages(kind, request.oldObject))
  ) {
    return allowed;
  }
  const places = new Map<string, string[]>();
  if (found.images.length > mostPlaces) {
    return refusal([`it names images in ${found.images.length} places, and at most ${mostPlaces} are read`]);
  }
  for (const { where, image } of found.images) {
    const known = places.get(image);
    if (known === undefined) places.set(image, [where]);
    else known.push(where);
  }
  if (places.size > mostImages) {
    return refusal([`it names ${places.size} images, and at most ${mostImages} are judged at once`]);
  }
  const deadline = new Deadline(milliseconds, now);
  const placed = await mapBounded([...places], atOnce, async ([image, where]) => ({
    judgement: await judgeImage(ports, image, deadline),
    places: where,
  }));
  return decide(placed);
}
