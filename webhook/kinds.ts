import type { ObjectKind } from './review.ts';

/**
 * One step from an object towards its Pods: into a key, into each item of a list, or into each value of a map.
 * Parsed once, where the configuration is read.
 */
export type PathStep = { readonly key: string } | 'items' | 'values';

/** Where an object of a kind holds what Pods are made from. */
export interface PodPath {
  readonly steps: readonly PathStep[];
  /** A template has `metadata` and `spec`; a spec is a Pod's `spec` itself, and the metadata are the object's own. */
  readonly holds: 'template' | 'spec';
}

/** A Pod runs as it is; from others Pods are made, and those are judged themselves. */
export type Use = 'pod' | 'template';

export interface ReadKind {
  readonly use: Use;
  readonly paths: readonly PodPath[];
}

/** By `group/version/Kind`: another version may have another shape. */
export type Kinds = ReadonlyMap<string, ReadKind>;

/** A kind beside the cluster's own, as the configuration names it. */
export interface CustomKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  readonly paths: readonly PodPath[];
}

/** A step is a name, and `[]` behind it is each item of that list; `*` is each value of a map. */
const stepPattern = /^(?:\*|([A-Za-z0-9_-]{1,63})(\[\])?)$/;
const mostSteps = 16;

/** The steps of `spec.tasks[].template`; null: it is no path. */
export function parseSteps(text: string): readonly PathStep[] | null {
  const parts = text.split('.');
  if (parts.length > mostSteps) return null;
  const steps: PathStep[] = [];
  for (const part of parts) {
    const [whole, key, list] = stepPattern.exec(part) ?? [];
    if (whole === undefined) return null;
    if (key === undefined) steps.push('values');
    else steps.push({ key });
    if (list !== undefined) steps.push('items');
  }
  return steps;
}

/** The text that `parseSteps` has read. */
export function stepsText(steps: readonly PathStep[]): string {
  return steps
    .map((step) => (step === 'items' ? '[]' : step === 'values' ? '.*' : `.${step.key}`))
    .join('')
    .replace(/^\./, '');
}

const path = (holds: PodPath['holds'], ...keys: readonly string[]): PodPath => ({
  holds,
  steps: keys.map((key) => ({ key })),
});
const workload: ReadKind = { use: 'template', paths: [path('template', 'spec', 'template')] };

/** The kinds of the cluster itself that Pods are, or are made from. */
export const clusterKinds: Kinds = new Map<string, ReadKind>([
  ['/v1/Pod', { use: 'pod', paths: [path('spec', 'spec')] }],
  ['/v1/PodTemplate', { use: 'template', paths: [path('template', 'template')] }],
  ['/v1/ReplicationController', workload],
  ['apps/v1/ReplicaSet', workload],
  ['apps/v1/Deployment', workload],
  ['apps/v1/StatefulSet', workload],
  ['apps/v1/DaemonSet', workload],
  ['batch/v1/Job', workload],
  [
    'batch/v1/CronJob',
    { use: 'template', paths: [path('template', 'spec', 'jobTemplate', 'spec', 'template')] },
  ],
]);

export function keyOf({ group, version, kind }: ObjectKind): string {
  return `${group}/${version}/${kind}`;
}

/** The cluster's own kinds and the configured ones. What the cluster itself has cannot be read otherwise. */
export function kindsWith(custom: readonly CustomKind[]): Kinds {
  const kinds = new Map<string, ReadKind>();
  for (const { group, versions, kind, paths } of custom) {
    for (const version of versions) kinds.set(keyOf({ group, version, kind }), { use: 'template', paths });
  }
  return new Map([...kinds, ...clusterKinds]);
}
