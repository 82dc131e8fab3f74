import type { GateName } from '../core/context.ts';
import type { Digest } from '../core/digest.ts';
import { noSubject, type PratiqueEvent } from '../core/event.ts';

interface Refusal {
  /** As it was asked for, or its canonical name. */
  readonly image: string;
  readonly digest: Digest | null;
  readonly policy: string | null;
  readonly reasons: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  readonly gate: GateName;
  readonly user: string | null;
}

/** A pull that was refused. All pulls of one image by one policy are a group. */
export function pullRefused(refusal: Refusal): PratiqueEvent {
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
