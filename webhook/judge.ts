import type { Digest } from '../core/digest.ts';
import { isPratiqueError } from '../core/errors.ts';
import type { Addressing, Clearance, Gate } from '../core/ports/gate.ts';
import { formatReference, type ImageReference, parseImageReference, pointerOf } from '../core/reference.ts';
import { allows, type VerdictStatus } from '../core/verdict.ts';
import { type Deadline, late } from './deadline.ts';
import { explainClearance } from './reason.ts';

/** What is said of one image. */
export interface ImageJudgement {
  /** As the object writes it. */
  readonly image: string;
  /** With its registry, and with the digest that its tag stands for now. */
  readonly resolved: string;
  readonly digest: Digest | null;
  readonly status: VerdictStatus;
  readonly allowed: boolean;
  /** One line for a person. */
  readonly reason: string;
}

export interface JudgePorts {
  readonly gate: Pick<Gate, 'resolve' | 'settled'>;
  readonly addressing: Addressing;
}

const notYet = 'not yet: it is being inspected; try again';

/**
 * Whether one image may run. Waits no longer than the deadline, and what is not known by then is denied.
 * @throws what is no PratiqueError: an error in Pratique itself
 */
export async function judgeImage(
  ports: JudgePorts,
  image: string,
  deadline: Deadline,
): Promise<ImageJudgement> {
  let resolved = image;
  let digest: Digest | null = null;
  const refuse = (status: VerdictStatus, reason: string): ImageJudgement => ({
    image,
    resolved,
    digest,
    status,
    allowed: false,
    reason,
  });
  try {
    const reference = parseImageReference(image);
    resolved = formatReference(reference);
    const address = ports.addressing.locate(reference.registry, reference.path);
    if (address === null) {
      return refuse(
        'error',
        `the registry ${reference.registry} is not known to Pratique: add it to its upstreams`,
      );
    }
    const manifest = await deadline.race(ports.gate.resolve(address, pointerOf(reference)));
    if (manifest === late)
      return refuse('pending', `not yet: ${reference.registry} was asked, and has not answered; try again`);
    digest = manifest.digest;
    resolved = pinned(reference, digest);
    // A gate that waits too long must not hold the answer back.
    const clearance = await deadline.race(ports.gate.settled(address, manifest, 'admit', deadline.left));
    if (clearance === late) return refuse('pending', notYet);
    return {
      image,
      resolved,
      digest,
      status: clearance.status,
      allowed: allows(clearance.status),
      reason: why(clearance),
    };
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return refuse('error', error.transient ? `${error.message} (try again)` : error.message);
  }
}

function why(clearance: Clearance): string {
  if (clearance.status === 'pending') return notYet;
  const reason = explainClearance(clearance);
  return clearance.transient && !allows(clearance.status) ? `${reason} (try again)` : reason;
}

function pinned(reference: ImageReference, digest: Digest): string {
  return formatReference({ ...reference, digest });
}
