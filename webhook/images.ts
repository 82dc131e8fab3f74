import { z } from 'zod';
import type { Labels } from '../core/context.ts';
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
  /** Of the Pod, or of the template that Pods are made from. */
  readonly labels: Labels;
  /** null: none is named, so it is the namespace's `default`. */
  readonly serviceAccount: string | null;
}

const container = z.object({ name: z.string().nullish(), image: z.string().nullish() });
const containers = z.array(container).nullish();
const podSpec = z.object({
  containers,
  serviceAccountName: z.string().nullish(),
  /** The older name of the same; it counts where the other is empty (core/v1, `DeprecatedServiceAccount`). */
  serviceAccount: z.string().nullish(),
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
const metadata = z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish();
type PodSpec = z.output<typeof podSpec>;
interface PodParts {
  readonly metadata?: z.output<typeof metadata>;
  readonly spec?: PodSpec | null | undefined;
}

/** A Pod runs as it is; a template may still be completed, and the Pods made of it are judged themselves. */
type Use = 'pod' | 'template';

const template = z.object({ metadata, spec: podSpec.nullish() }).nullish();
const pod = z.object({ metadata, spec: podSpec });
const podTemplate = z.object({ template }).transform((object) => object.template ?? null);
const workload = z
  .object({ spec: z.object({ template }).nullish() })
  .transform((object) => object.spec?.template ?? null);
const cronJob = z
  .object({
    spec: z.object({ jobTemplate: z.object({ spec: z.object({ template }).nullish() }).nullish() }).nullish(),
  })
  .transform((object) => object.spec?.jobTemplate?.spec?.template ?? null);

interface Reader {
  readonly schema: z.ZodType<PodParts | null>;
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
  const { spec, metadata } = result.data ?? {};
  const found = spec == null ? { images: [], faults: [] } : imagesOf(spec, reader.use);
  return { ...found, labels: ownLabels(metadata?.labels ?? {}), serviceAccount: accountOf(spec) };
}

/** Whether both name the same images, wherever they stand. What could not be read is not the same as anything. */
export function sameImages(a: FoundImages, b: FoundImages): boolean {
  if (a.faults.length > 0 || b.faults.length > 0) return false;
  const [left, right] = [a, b].map((found) => new Set(found.images.map((used) => used.image)));
  if (left === undefined || right === undefined || left.size !== right.size) return false;
  return [...left].every((image) => right.has(image));
}

/** Without what every object inherits: a binding may name a label `constructor`. */
function ownLabels(labels: Labels): Labels {
  return Object.assign(Object.create(null) as Record<string, string>, labels);
}

function accountOf(spec: PodSpec | null | undefined): string | null {
  const name = [spec?.serviceAccountName, spec?.serviceAccount].find((one) => one != null && one !== '');
  return name ?? null;
}

function imagesOf(spec: PodSpec, use: Use): Pick<FoundImages, 'images' | 'faults'> {
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
  return { images: [], faults: [text], labels: {}, serviceAccount: null };
}
