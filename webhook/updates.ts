import { type FoundImages, type FoundPod, imagesIn } from './images.ts';

/** Levels of an object that are compared; what is deeper counts as changed. */
const deepest = 200;

/**
 * What an update would start that did not run before: the Pods whose images have to be judged; empty where there is nothing.
 *
 * A Pod that runs goes on whatever is answered, so only places that are given another image count: what went bad since
 * must not keep anybody from adding a container to debug with, or from replacing one image of two. Of a template all
 * images are started anew by what is made of it, so all count once there is a new one among them; its labels, its account
 * and the places of its images do not, because the Pods made of it are judged themselves. What could not be
 * read before is the same as nothing.
 */
export function startedBy(found: FoundImages, before: FoundImages): readonly FoundPod[] {
  if (before.faults.length > 0) return found.pods;
  if (found.use === 'pod') {
    const known = new Set(imagesIn(before).map(placed));
    return found.pods
      .map((pod) => ({ ...pod, images: pod.images.filter((used) => !known.has(placed(used))) }))
      .filter(({ images }) => images.length > 0);
  }
  const known = new Set(imagesIn(before).map(({ image }) => image));
  return imagesIn(found).some(({ image }) => !known.has(image)) ? found.pods : [];
}

/** One text for a place with its image: no slot and no image has a line break that means anything. */
function placed({ slot, image }: { readonly slot: string; readonly image: string }): string {
  return JSON.stringify([slot, image]);
}

/**
 * Whether two versions of an object differ in their metadata and status at most: finalizers, owners, labels. Then they name
 * the same images wherever that is, and a kind that nobody can read here is no reason to keep it from being deleted.
 */
export function isOnlyMetadata(object: unknown, before: unknown): boolean {
  if (!isMap(object) || !isMap(before)) return false;
  const keys = new Set([...Object.keys(object), ...Object.keys(before)]);
  return [...keys]
    .filter((key) => key !== 'metadata' && key !== 'status')
    .every((key) => isSame(object[key], before[key], deepest));
}

function isSame(a: unknown, b: unknown, levels: number): boolean {
  if (a === b) return true;
  if (levels === 0) return false;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isSame(item, b[index], levels - 1))
    );
  }
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], levels - 1))
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
