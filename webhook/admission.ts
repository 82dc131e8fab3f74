import type { AskContext } from '../core/context.ts';
import { askerOf } from './asker.ts';
import { askerFaults } from './bounds.ts';
import { Deadline, late, mapBounded } from './deadline.ts';
import { type FoundImages, type FoundPod, findImages, imagesIn } from './images.ts';
import { type JudgePorts, judgeNow } from './judge.ts';
import type { Kinds } from './kinds.ts';
import { type NamedImage, readImage, type UnreadImage } from './names.ts';
import type { NamespaceLabels } from './namespaces.ts';
import type { AdmissionRequest, Decision } from './review.ts';
import { isOnlyMetadata, startedBy } from './updates.ts';
import { decide, type Placed, refusal } from './words.ts';

const mostImages = 100;
/** Containers and volumes of one object; the API server takes far fewer. */
const mostPlaces = 1000;
const atOnce = 8;
const allowed: Decision = { allowed: true, message: null, warnings: [], audit: {} };

/**
 * Subresources by which no image is named, whatever is sent: the API server keeps the object's `spec` (`status`, and
 * `resize` but for resources), or they are no objects that hold any (`scale`, `eviction`, `binding`).
 */
const imageless: ReadonlySet<string> = new Set(['status', 'scale', 'resize', 'eviction', 'binding']);

export interface AdmitPorts extends JudgePorts {
  /** What is read, and where it names its images. */
  readonly kinds: Kinds;
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
  /** null: as above. Of an object with several templates the first of them. */
  readonly asker: AskContext | null;
}

/**
 * The answer to one admission request, within `milliseconds`. Deletions and connections run nothing, and an
 * update that starts no other image than before is no reason to look again (finalizers have to go through). An object
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
  const { kind, object, oldObject } = request;
  if (!namesImages(request)) return plain(allowed);
  const isUpdate = request.operation === 'UPDATE' && oldObject !== null;
  const found = findImages(ports.kinds, kind, object);
  if (found.faults.length > 0) {
    return plain(isUpdate && isOnlyMetadata(object, oldObject) ? allowed : refusal(found.faults));
  }
  const started = isUpdate ? startedBy(found, findImages(ports.kinds, kind, oldObject)) : found.pods;
  const faults = [...tooMany(started), ...started.flatMap((pod) => askerFaults(request, pod)).slice(0, 10)];
  if (faults.length > 0) return plain(refusal(faults));
  const deadline = new Deadline(milliseconds, now);
  const asked: Asked[] = [];
  for (const { pod, asker } of await whoAsks(ports, request, started, deadline)) {
    for (const { read, places } of groupsOf(ports, pod)) asked.push({ read, places, asker });
  }
  const placed = await judgeAll(ports, asked, deadline);
  return { decision: decide(placed), placed, asker: asked[0]?.asker ?? null };
}

type Asked = Group & { readonly asker: AskContext };

/** Known ones one after the other, without waiting for anything; from the first that has to be found out on, some at a time. */
async function judgeAll(
  ports: JudgePorts,
  asked: readonly Asked[],
  deadline: Deadline,
): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  for (const { read, places, asker } of asked) {
    const judgement = judgeNow(ports, read, asker);
    if (typeof judgement === 'function') break;
    placed.push({ judgement, places, asker });
  }
  if (placed.length === asked.length) return placed;
  const others = await mapBounded(asked.slice(placed.length), atOnce, async ({ read, places, asker }) => {
    const judged = judgeNow(ports, read, asker);
    return { judgement: typeof judged === 'function' ? await judged(deadline) : judged, places, asker };
  });
  return [...placed, ...others];
}

/** Whether a request can bring an image that was not there. */
export function namesImages({
  operation,
  subResource,
}: Pick<AdmissionRequest, 'operation' | 'subResource'>): boolean {
  if (operation === 'DELETE' || operation === 'CONNECT') return false;
  return subResource === null || !imageless.has(subResource);
}

/** What is more than one review may ask for, each a sentence. */
export function tooMany(pods: FoundImages['pods']): readonly string[] {
  const images = imagesIn({ pods });
  if (images.length > mostPlaces) {
    return [`it names images in ${images.length} places, and at most ${mostPlaces} are read`];
  }
  const texts = new Set(images.map(({ image }) => image));
  return texts.size > mostImages
    ? [`it names ${texts.size} images, and at most ${mostImages} are judged at once`]
    : [];
}

/** Each Pod with who asks for it. */
export async function whoAsks(
  { namespaces, cluster }: Pick<AdmitPorts, 'namespaces' | 'cluster'>,
  request: AdmissionRequest,
  pods: FoundImages['pods'],
  deadline: Deadline,
): Promise<readonly { readonly pod: FoundPod; readonly asker: AskContext }[]> {
  const { namespace } = request;
  const isAsked = namespaces !== null && namespace !== null && pods.length > 0;
  const read = isAsked ? await deadline.race(namespaces.labelsOf(namespace)) : null;
  const labels = read === late ? null : read;
  return pods.map((pod) => ({ pod, asker: askerOf(request, pod, cluster, labels) }));
}

interface Group {
  readonly read: NamedImage | UnreadImage;
  readonly places: readonly string[];
}

/** Each image of a Pod once, however it is spelled, with the places that name it. */
function groupsOf({ addressing }: Pick<AdmitPorts, 'addressing'>, { images }: FoundPod): readonly Group[] {
  const groups = new Map<string, { readonly read: Group['read']; readonly places: string[] }>();
  for (const { image, where } of images) {
    const read = readImage(addressing, image);
    const known = groups.get(read.key);
    if (known === undefined) groups.set(read.key, { read, places: [where] });
    else known.places.push(where);
  }
  return [...groups.values()];
}

function plain(decision: Decision): Admission {
  return { decision, placed: [], asker: null };
}
