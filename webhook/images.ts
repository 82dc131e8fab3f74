import { z } from 'zod';
import type { Labels } from '../core/context.ts';
import { type Kinds, keyOf, type PodPath, type Use } from './kinds.ts';
import { type Held, walk } from './object-path.ts';
import type { ObjectKind } from './review.ts';

/** An image that an object would run, and where it says so. */
export interface UsedImage {
  /** For people: `container "web"`. */
  readonly where: string;
  readonly image: string;
  /** RFC 6901: `/spec/containers/0/image`. */
  readonly pointer: string;
  /** The place, whatever its position among others: what is named so in an older object is the same one. */
  readonly slot: string;
}

/** What one Pod, or all Pods of one template, would run, and what bindings look at. */
export interface FoundPod {
  readonly images: readonly UsedImage[];
  /** Of the Pod, or of the template that Pods are made from. */
  readonly labels: Labels;
  /** null: none is named, so it is the namespace's `default`. */
  readonly serviceAccount: string | null;
}

export interface FoundImages {
  readonly use: Use;
  /** A Pod is one; a template that is not filled in is none. */
  readonly pods: readonly FoundPod[];
  /** What cannot be read, each a sentence. Not empty means: nobody knows what would run. */
  readonly faults: readonly string[];
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
const template = z.object({ metadata, spec: podSpec.nullish() });
const owner = z.object({ metadata });
type PodSpec = z.output<typeof podSpec>;

/** Templates of one object; the most of them that anybody has are the jobs of a set. */
const mostPods = 100;

/**
 * Every image that an object would run: containers, init containers, ephemeral containers and image volumes.
 * Never throws: what cannot be read is a fault, and an object of a kind that is not known here is one.
 */
export function findImages(kinds: Kinds, kind: ObjectKind, object: unknown): FoundImages {
  const read = kinds.get(keyOf(kind));
  const name = `${kind.kind} of ${kind.group === '' ? '' : `${kind.group}/`}${kind.version}`;
  if (read === undefined) {
    return fault(
      'template',
      `Pratique does not know where a ${name} names its images: name its path in webhook.kinds of the configuration, or have the webhook configuration send only what is read`,
    );
  }
  const { use, paths } = read;
  if (object === null || object === undefined) return fault(use, `the request holds no ${name}`);
  const unreadable = (where: string, why: string): FoundImages =>
    fault(use, `the ${name} cannot be read: ${where}: ${why}`);
  const pods: FoundPod[] = [];
  const faults: string[] = [];
  for (const path of paths) {
    const walked = walk(object, path.steps, mostPods);
    if (walked.fault !== null) return unreadable(walked.fault.where, walked.fault.why);
    if (walked.held.length + pods.length > mostPods) {
      return fault(
        use,
        `the ${name} holds more than ${mostPods} templates of Pods, and at most so many are read`,
      );
    }
    for (const held of walked.held) {
      const parsed = readPod(path, held, object);
      if (parsed.issue !== null) return unreadable(parsed.issue.where, parsed.issue.why);
      if (parsed.spec === null) continue;
      const isOneOfMany = paths.length > 1 || walked.held.length > 1;
      const found = imagesOf(parsed.spec, use, parsed.pointer, isOneOfMany ? `${held.text} ` : '');
      faults.push(...found.faults);
      const { images } = found;
      pods.push({ images, labels: ownLabels(parsed.labels), serviceAccount: accountOf(parsed.spec) });
    }
  }
  if (use === 'pod' && pods.length === 0) return unreadable('spec', 'it has none');
  return { use, pods, faults };
}

/** All images of all Pods. */
export function imagesIn({ pods }: Pick<FoundImages, 'pods'>): readonly UsedImage[] {
  return pods.flatMap(({ images }) => images);
}

interface ReadPod {
  readonly spec: PodSpec | null;
  readonly labels: Labels;
  /** Of the spec. */
  readonly pointer: string;
  readonly issue: { readonly where: string; readonly why: string } | null;
}

function readPod({ holds }: PodPath, { value, text, pointer }: Held, object: unknown): ReadPod {
  const none = { spec: null, labels: {}, pointer, issue: null };
  const wrong = (at: string, { issues }: z.ZodError): ReadPod => {
    const [issue] = issues;
    const where = [...(at === '' ? [] : [at]), ...(issue?.path.map(String) ?? [])].join('.');
    return { ...none, issue: { where, why: issue?.message ?? '' } };
  };
  if (holds === 'template') {
    const result = template.safeParse(value);
    if (!result.success) return wrong(text, result.error);
    const { spec, metadata: own } = result.data;
    return { ...none, spec: spec ?? null, labels: own?.labels ?? {}, pointer: `${pointer}/spec` };
  }
  const result = podSpec.safeParse(value);
  if (!result.success) return wrong(text, result.error);
  const own = owner.safeParse(object);
  if (!own.success) return wrong('', own.error);
  return { ...none, spec: result.data, labels: own.data.metadata?.labels ?? {} };
}

/** Without what every object inherits: a binding may name a label `constructor`. */
function ownLabels(labels: Labels): Labels {
  return Object.assign(Object.create(null) as Record<string, string>, labels);
}

function accountOf(spec: PodSpec): string | null {
  const name = [spec.serviceAccountName, spec.serviceAccount].find((one) => one != null && one !== '');
  return name ?? null;
}

function imagesOf(
  spec: PodSpec,
  use: Use,
  pointer: string,
  before: string,
): { readonly images: readonly UsedImage[]; readonly faults: readonly string[] } {
  const place = (
    list: string,
    what: string,
    index: number,
    name: string,
    key: string,
    image: string,
  ): UsedImage => ({
    image,
    // Knative leaves the name out.
    where: `${before}${what} ${name === '' ? index : `"${name}"`}`,
    pointer: `${pointer}/${list}/${index}/${key}`,
    slot: `${pointer}/${list} ${name}`,
  });
  const named = (list: string, what: string, all: PodSpec['containers']): UsedImage[] =>
    (all ?? []).map(({ name, image }, index) => place(list, what, index, name ?? '', 'image', image ?? ''));
  const places = [
    ...named('initContainers', 'init container', spec.initContainers),
    ...named('containers', 'container', spec.containers),
    ...named('ephemeralContainers', 'ephemeral container', spec.ephemeralContainers),
    ...(spec.volumes ?? []).flatMap(({ name, image }, index) =>
      image == null
        ? []
        : [place('volumes', 'volume', index, name ?? '', 'image/reference', image.reference ?? '')],
    ),
  ];
  const missing = places.filter(({ image }) => image === '');
  const faults = use === 'pod' ? missing.map(({ where }) => `${where} names no image`) : [];
  if (use === 'pod' && (spec.containers ?? []).length === 0) faults.push('the Pod has no containers');
  return { images: missing.length === 0 ? places : places.filter(({ image }) => image !== ''), faults };
}

function fault(use: Use, text: string): FoundImages {
  return { use, pods: [], faults: [text] };
}
