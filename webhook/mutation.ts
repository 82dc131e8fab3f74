import { z } from 'zod';
import type { AskContext } from '../core/context.ts';
import { oneLine } from '../policy/text.ts';
import { type AdmitPorts, namesImages, tooMany, whoAsks } from './admission.ts';
import { askerFaults } from './bounds.ts';
import { Deadline, mapBounded } from './deadline.ts';
import { type FoundImages, findImages, imagesIn, type UsedImage } from './images.ts';
import { readImage } from './names.ts';
import type { Change } from './patch.ts';
import { keptPin, type MutateSettings, type Pin, pinOf, textWith } from './pinning.ts';
import type { AdmissionRequest } from './review.ts';

const atOnce = 8;

export interface MutatePorts extends AdmitPorts {
  readonly mutate: MutateSettings;
}

/** A place whose image is not pinned though that is wanted. */
export interface Unpinned {
  readonly used: UsedImage;
  /** A sentence. */
  readonly why: string;
}

export interface Mutation {
  readonly changes: readonly Change[];
  readonly unpinned: readonly Unpinned[];
}

const noPin = { digest: null };
const nothing: Mutation = { changes: [], unpinned: [] };

/**
 * What becomes of the images of one object, within `milliseconds`: images of Pods, and of templates where that is wanted, that
 * are new in their place. Nothing is refused, and nothing else is changed: what cannot be read, or is too much, stays as it
 * is, for the validating webhook to refuse. Asked again about its own answer it changes nothing.
 * @param now milliseconds
 * @throws what is an error in Pratique itself
 */
export async function mutate(
  ports: MutatePorts,
  request: AdmissionRequest,
  milliseconds: number,
  now: () => number,
): Promise<Mutation> {
  const { mutate: settings, kinds } = ports;
  if (!bringsImages(request) || (!settings.pin && settings.rewriteTo === null)) return nothing;
  const found = findImages(kinds, request.kind, request.object);
  if (found.faults.length > 0 || !isOurs(request, found, settings)) return nothing;
  const before =
    request.operation === 'UPDATE' ? textsOf(findImages(kinds, request.kind, request.oldObject)) : null;
  const pods = found.pods.map((pod) => ({
    ...pod,
    images: pod.images.filter((used) => isNew(before, used)),
  }));
  const isTooMuch = tooMany(pods).length > 0 || pods.some((pod) => askerFaults(request, pod).length > 0);
  if (isTooMuch || imagesIn({ pods }).length === 0) return nothing;
  const deadline = new Deadline(milliseconds, now);
  const asked = (await whoAsks(ports, request, pods, deadline)).flatMap(({ pod, asker }) => {
    const become = becoming(ports, asker, before, deadline);
    return pod.images.map((used) => ({ used, become }));
  });
  const done = await mapBounded(asked, atOnce, async ({ used, become }) => ({
    used,
    ...(await become(used)),
  }));
  return {
    changes: done.flatMap(({ used: { pointer, image }, text }) =>
      text === image ? [] : [{ pointer, from: image, to: text }],
    ),
    unpinned: done.flatMap(({ used, unpinned }) => (unpinned === null ? [] : [{ used, why: unpinned }])),
  };
}

interface Become {
  readonly text: string;
  readonly unpinned: string | null;
}

/** What becomes of the images of one Pod. One image gets the same digest in all places, however they spell it. */
function becoming(
  { mutate: settings, ...ports }: MutatePorts,
  asker: AskContext,
  before: ReadonlyMap<string, string> | null,
  deadline: Deadline,
): (used: UsedImage) => Promise<Become> {
  const pins = new Map<string, Promise<Pin>>();
  return async ({ image, slot }) => {
    const { addressing } = ports;
    const read = readImage(addressing, image);
    if ('why' in read) return { text: image, unpinned: null };
    if (!settings.pin) return { text: textWith(addressing, settings, read, noPin), unpinned: null };
    const kept = keptPin(addressing, before?.get(slot), read);
    if (kept !== null) return { text: kept, unpinned: null };
    const pin = pins.get(read.key) ?? pinOf(ports, read, asker, deadline);
    pins.set(read.key, pin);
    const { digest, unpinned } = await pin;
    return { text: textWith(addressing, settings, read, { digest }), unpinned };
  };
}

/** Ephemeral containers come by a subresource of their own; of all others what is sent is dropped, or is no Pod. */
function bringsImages(request: AdmissionRequest): boolean {
  const { subResource } = request;
  return namesImages(request) && (subResource === null || subResource === 'ephemeralcontainers');
}

const metadata = z.object({
  metadata: z
    .object({
      annotations: z.record(z.string(), z.string()).nullish(),
      ownerReferences: z.array(z.object({ controller: z.boolean().nullish() })).nullish(),
    })
    .nullish(),
});
const mirrorAnnotation = 'kubernetes.io/config.mirror';
const nodes = 'system:nodes';

/**
 * Whether an object is one to change. The Pod that a node writes down of one of its own files is not: the node runs what
 * its file says. Neither is a template that somebody else keeps as it is: a Deployment would take its changed
 * ReplicaSet for a foreign one, and make another, for ever.
 */
function isOurs(
  { object, groups }: AdmissionRequest,
  { use }: FoundImages,
  { templates }: MutateSettings,
): boolean {
  if (use === 'template' && !templates) return false;
  const parsed = metadata.safeParse(object);
  const { annotations, ownerReferences } = (parsed.success ? parsed.data.metadata : null) ?? {};
  if (use === 'template') return ownerReferences?.some(({ controller }) => controller === true) !== true;
  // Whoever is no node cannot keep a Pod unpinned by writing the annotation.
  return !(groups.includes(nodes) && Object.hasOwn(annotations ?? {}, mirrorAnnotation));
}

/** By place; what could not be read is the same as nothing. */
function textsOf(found: FoundImages): ReadonlyMap<string, string> {
  return new Map(imagesIn(found).map(({ slot, image }) => [slot, image]));
}

/** What is in its place already is running, and stays as it is. */
function isNew(before: ReadonlyMap<string, string> | null, { slot, image }: UsedImage): boolean {
  return before?.get(slot) !== image;
}

/** What the audit log says of a change. */
export function changeLine({ pointer, from, to }: Change): string {
  return `${oneLine(pointer, 200)} ${oneLine(from, 420)} -> ${oneLine(to, 420)}`;
}
