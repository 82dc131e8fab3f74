import type { GateName } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { type EventSubject, noSubject, type PratiqueEvent } from '../core/event.ts';

export interface Refusal {
  /** As it was asked for, or its canonical name. */
  readonly image: string;
  readonly digest: Digest | null;
  readonly policy: string | null;
  readonly reasons: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** A pull that was refused. All pulls of one image by one policy are a group. */
export function pullRefused(
  refusal: Refusal & { readonly gate: GateName; readonly user: string | null },
): PratiqueEvent {
  const { image, digest, policy, reasons, at, gate, user } = refusal;
  const by = user === null ? '' : ` for ${user}`;
  return {
    kind: 'pull-refused',
    severity: 'warning',
    at,
    group: [image, digest ?? '', policy ?? ''].join(' '),
    title: `The pull of ${image} was refused${by}`,
    reasons,
    subject: { ...noSubject, image, digest, policy, gate, user },
  };
}

/** An object that was not let into a cluster. All of one image in one namespace are a group. */
export function admissionRefused(
  refusal: Refusal & Pick<EventSubject, 'cluster' | 'namespace' | 'workload' | 'user'>,
): PratiqueEvent {
  const { image, digest, policy, reasons, at, cluster, namespace, workload, user } = refusal;
  const where = namespace === null ? '' : ` in ${namespace}`;
  return {
    kind: 'admission-refused',
    severity: 'warning',
    at,
    group: [cluster ?? '', namespace ?? '', image, digest ?? '', policy ?? ''].join(' '),
    title: `${workload ?? 'A workload'} with ${image} was not admitted${where}`,
    reasons,
    subject: { ...noSubject, image, digest, policy, gate: 'admission', cluster, namespace, workload, user },
  };
}
