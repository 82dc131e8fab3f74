import { z } from 'zod';
import type { Labels } from '../../core/context.ts';

/** An image of a Pod, as the Pod names it and as its node has it. */
export interface PodImage {
  /** Of the Pod's spec; empty where it names none. */
  readonly image: string;
  /** What the node says that it is: `docker.io/library/nginx@sha256:…`; empty: it does not say. */
  readonly id: string;
}

/** As much of a running Pod as is kept. */
export interface RunningPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `Deployment/web`: the topmost owner that the Pod tells of; for people. */
  readonly workload: string;
  /** null: the namespace's `default`. */
  readonly account: string | null;
  /** Those that were asked for. */
  readonly labels: Labels;
  /** Each once. Empty: nothing of it runs yet. */
  readonly images: readonly PodImage[];
  /** Images beyond the bound, or too long to be one. */
  readonly unread: number;
  /** Milliseconds since 1970: when its node took it; null: not yet. */
  readonly startedAt: number | null;
}

/** A Pod may name thousands of containers; its object has 1.5 MB at most. */
const mostImages = 200;
/** Characters; an image reference has no more (`parseImageReference`), nor has what a node says. */
const longestImage = 1024;
/** Kubernetes, "Object Names and IDs"; "Labels and Selectors". */
const longestName = 253;
const longestLabel = 63;

const text = z.string().nullish();
const state = z
  .object({ terminated: z.unknown().optional(), waiting: z.unknown().optional() })
  .nullish()
  .catch(null);
const container = z.object({ name: text, image: text });
const status = z.object({
  name: text,
  image: text,
  imageID: text,
  state,
  volumeMounts: z
    .array(
      z.object({
        name: text,
        volumeStatus: z.object({ image: z.object({ imageRef: text }).nullish() }).nullish(),
      }),
    )
    .nullish()
    .catch(null),
});
const podSchema = z.object({
  metadata: z.object({
    uid: z.string().min(1).max(64),
    namespace: z.string().min(1).max(longestName),
    name: z.string().min(1).max(longestName),
    labels: z.record(z.string(), z.string()).nullish(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
      .nullish(),
  }),
  spec: z.object({
    serviceAccountName: text,
    containers: z.array(container).nullish(),
    initContainers: z.array(container).nullish(),
    ephemeralContainers: z.array(container).nullish(),
    volumes: z.array(z.object({ name: text, image: z.object({ reference: text }).nullish() })).nullish(),
  }),
  status: z
    .object({
      phase: text,
      startTime: text,
      containerStatuses: z.array(status).nullish(),
      initContainerStatuses: z.array(status).nullish(),
      ephemeralContainerStatuses: z.array(status).nullish(),
    })
    .nullish(),
});
type PodObject = z.output<typeof podSchema>;
type Status = z.output<typeof status>;

/** Names of labels that somebody looks at. */
export type KeptLabels = ReadonlySet<string>;

/**
 * Reads a Pod of the API server. null: it is none, or has ended; `unreadable` is what is no Pod, and of it nobody knows
 * what it runs.
 */
export function readPod(object: unknown, kept: KeptLabels): RunningPod | null | 'unreadable' {
  const parsed = podSchema.safeParse(object);
  if (!parsed.success) return 'unreadable';
  const pod = parsed.data;
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return null;
  const { metadata, spec } = pod;
  const labels = metadata.labels ?? {};
  const startedAt = Date.parse(pod.status?.startTime ?? '');
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    name: metadata.name,
    workload: workloadOf(metadata, labels),
    account:
      spec.serviceAccountName == null || spec.serviceAccountName === '' ? null : spec.serviceAccountName,
    labels: keptOf(labels, kept),
    ...imagesOf(pod),
    startedAt: Number.isNaN(startedAt) ? null : startedAt,
  };
}

/** A label's value that is longer than labels are is no label of Kubernetes; it is kept short, and equals none. */
function keptOf(labels: Labels, kept: KeptLabels): Labels {
  const found = Object.create(null) as Record<string, string>;
  for (const key of kept) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value !== undefined) found[key] = value.slice(0, longestLabel + 1);
  }
  return found;
}

/** A Deployment names its ReplicaSets after itself and the hash that their Pods have as a label. */
function workloadOf({ name, ownerReferences }: PodObject['metadata'], labels: Labels): string {
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return `Pod/${name}`;
  const hash = labels['pod-template-hash'];
  const ending = `-${hash ?? ''}`;
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(ending)) {
    return joined('Deployment', owner.name.slice(0, -ending.length));
  }
  return joined(owner.kind, owner.name);
}

function joined(kind: string, of: string): string {
  return `${kind.slice(0, longestName)}/${of.slice(0, longestName)}`;
}

function imagesOf({ spec, status: told }: PodObject): Pick<RunningPod, 'images' | 'unread'> {
  const found = new Map<string, PodImage>();
  let unread = 0;
  const add = (image: string, id: string): void => {
    if (id === '' && image === '') return;
    const key = `${image} ${id}`;
    if (found.has(key)) return;
    if (found.size >= mostImages || image.length > longestImage || id.length > longestImage) unread += 1;
    else found.set(key, { image, id });
  };
  const take = (
    containers: PodObject['spec']['containers'],
    statuses: readonly Status[] | null | undefined,
    ends: boolean,
  ): void => {
    const images = new Map((containers ?? []).map(({ name, image }) => [name ?? '', image ?? '']));
    for (const one of statuses ?? []) {
      const id = one.imageID ?? '';
      // What has no image yet runs nothing; what has ended and is not begun again runs nothing any more.
      if (id === '' || (ends && one.state?.terminated != null)) continue;
      add(images.get(one.name ?? '') || (one.image ?? ''), id);
    }
  };
  take(spec.containers, told?.containerStatuses, false);
  take(spec.initContainers, told?.initContainerStatuses, true);
  take(spec.ephemeralContainers, told?.ephemeralContainerStatuses, true);
  if (found.size === 0 && unread === 0) return { images: [], unread };
  const mounted = mountedImages(told);
  for (const { name, image } of spec.volumes ?? []) {
    if (image != null) add(image.reference ?? '', mounted.get(name ?? '') ?? '');
  }
  return { images: [...found.values()], unread };
}

/** What image volumes hold, by the volume's name (KEP 5365); nodes before it do not say. */
function mountedImages(told: PodObject['status']): ReadonlyMap<string, string> {
  const mounted = new Map<string, string>();
  const statuses = [...(told?.containerStatuses ?? []), ...(told?.initContainerStatuses ?? [])];
  for (const { volumeMounts } of statuses) {
    for (const { name, volumeStatus } of volumeMounts ?? []) {
      const id = volumeStatus?.image?.imageRef ?? '';
      if (id !== '') mounted.set(name ?? '', id);
    }
  }
  return mounted;
}
