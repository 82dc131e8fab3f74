import { z } from 'zod';
import type { ObjectKind } from './review.ts';

/** An image that an object would run, and where it says so: `container "web"`. */
export interface UsedImage {
  readonly where: string;
  readonly image: string;
}

export interface FoundImages {
  readonly images: readonly UsedImage[];
  /** What cannot be read, each a sentence. Not empty means: nobody knows what would run. */
  readonly faults: readonly string[];
}

const container = z.object({ name: z.string().nullish(), image: z.string().nullish() });
const containers = z.array(container).nullish();
const podSpec = z.object({
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: z
    .array(
      z.object({
        name: z.string().nullish(),
        image: z.object({ reference: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
type PodSpec = z.output<typeof podSpec>;

/** A Pod runs as it is; a template may still be completed, and the Pods made of it are judged themselves. */
type Use = 'pod' | 'template';

const template = z.object({ spec: podSpec.nullish() }).nullish();
const pod = z.object({ spec: podSpec }).transform(({ spec }) => spec);
const podTemplate = z.object({ template }).transform((object) => object.template?.spec ?? null);
const workload = z
  .object({ spec: z.object({ template }).nullish() })
  .transform((object) => object.spec?.template?.spec ?? null);
const cronJob = z
  .object({
    spec: z.object({ jobTemplate: z.object({ spec: z.object({ template }).nullish() }).nullish() }).nullish(),
  })
  .transform((object) => object.spec?.jobTemplate?.spec?.template?.spec ?? null);

interface Reader {
  readonly schema: z.ZodType<PodSpec | null>;
  readonly use: Use;
}

/** By group, version and kind: another version may have another shape. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['/v1/Pod', { schema: pod, use: 'pod' }],
  ['/v1/PodTemplate', { schema: podTemplate, use: 'template' }],
  ['/v1/ReplicationController', { schema: workload, use: 'template' }],
  ['apps/v1/ReplicaSet', { schema: workload, use: 'template' }],
  ['apps/v1/Deployment', { schema: workload, use: 'template' }],
  ['apps/v1/StatefulSet', { schema: workload, use: 'template' }],
  ['apps/v1/DaemonSet', { schema: workload, use: 'template' }],
  ['batch/v1/Job', { schema: workload, use: 'template' }],
  ['batch/v1/CronJob', { schema: cronJob, use: 'template' }],
]);

/** `group/version/Kind` of all that is read: a webhook configuration sends these and no others. */
export const kindsRead: readonly string[] = [...readers.keys()];

/**
 * Every image that an object would run: containers, init containers, ephemeral containers and image volumes.
 * Never throws: what cannot be read is a fault, and an object of a kind that is not known here is one.
 */
export function findImages(kind: ObjectKind, object: unknown): FoundImages {
  const reader = readers.get(`${kind.group}/${kind.version}/${kind.kind}`);
  const name = `${kind.kind} of ${kind.group === '' ? '' : `${kind.group}/`}${kind.version}`;
  if (reader === undefined) {
    return fault(
      `Pratique does not know where a ${name} names its images; have the webhook configuration send only what it reads`,
    );
  }
  if (object === null || object === undefined) return fault(`the request holds no ${name}`);
  const result = reader.schema.safeParse(object);
  if (!result.success) {
    const [issue] = result.error.issues;
    return fault(`the ${name} cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return result.data === null ? { images: [], faults: [] } : imagesOf(result.data, reader.use);
}

/** Whether both name the same images, wherever they stand. What could not be read is not the same as anything. */
export function sameImages(a: FoundImages, b: FoundImages): boolean {
  if (a.faults.length > 0 || b.faults.length > 0) return false;
  const [left, right] = [a, b].map((found) => new Set(found.images.map((used) => used.image)));
  if (left === undefined || right === undefined || left.size !== right.size) return false;
  return [...left].every((image) => right.has(image));
}

function imagesOf(spec: PodSpec, use: Use): FoundImages {
  const places = [
    ...named('init container', spec.initContainers),
    ...named('container', spec.containers),
    ...named('ephemeral container', spec.ephemeralContainers),
    ...(spec.volumes ?? [])
      .filter((volume) => volume.image != null)
      .map((volume) => ({ where: `volume "${volume.name ?? ''}"`, image: volume.image?.reference ?? '' })),
  ];
  const missing = places.filter((place) => place.image === '');
  const faults = use === 'pod' ? missing.map((place) => `${place.where} names no image`) : [];
  if (use === 'pod' && (spec.containers ?? []).length === 0) faults.push('the Pod has no containers');
  return { images: places.filter((place) => place.image !== ''), faults };
}

function named(what: string, list: PodSpec['containers']): UsedImage[] {
  return (list ?? []).map(({ name, image }) => ({ where: `${what} "${name ?? ''}"`, image: image ?? '' }));
}

function fault(text: string): FoundImages {
  return { images: [], faults: [text] };
}
