import { z } from 'zod';
import type { Labels } from '../core/context.ts';
import type { AdmissionRequest } from './review.ts';

/** Names of objects have at most 253 characters (Kubernetes, "Object Names and IDs"). */
const longestName = 253;

const name = z.string().nullish();
const objectSchema = z.object({
  metadata: z
    .object({
      name,
      generateName: name,
      labels: z.record(z.string(), z.string()).nullish(),
      ownerReferences: z
        .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
        .nullish(),
    })
    .nullish(),
});

/** What an object belongs to, for people: it decides nothing, since whoever writes the object writes this too. */
export interface Workload {
  /** `Deployment/web`: the topmost owner that the object tells of. */
  readonly name: string;
  /** Of the object itself. */
  readonly labels: Labels;
}

export function workloadOf({ kind, object, name: requested }: AdmissionRequest): Workload {
  const parsed = objectSchema.safeParse(object);
  const metadata = parsed.success ? parsed.data.metadata : null;
  const labels = metadata?.labels ?? {};
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner !== undefined) return { name: ownerName(owner, labels), labels };
  const generated = metadata?.generateName ? `${metadata.generateName}*` : '?';
  const own = [requested, metadata?.name].find((one) => one != null && one !== '') ?? generated;
  return { name: joined(kind.kind, own), labels };
}

/** A Deployment names its ReplicaSets after itself and the hash that their Pods have as a label. */
function ownerName(owner: { readonly kind: string; readonly name: string }, labels: Labels): string {
  const hash = labels['pod-template-hash'];
  const ending = `-${hash ?? ''}`;
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(ending)
    ? joined('Deployment', owner.name.slice(0, -ending.length))
    : joined(owner.kind, owner.name);
}

function joined(kind: string, of: string): string {
  return `${kind.slice(0, longestName)}/${of.slice(0, longestName)}`;
}
