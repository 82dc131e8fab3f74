import type { PratiqueEvent } from '../core/event.ts';
import { pullRefused } from '../events/refusals.ts';
import type { GateDecision } from '../proxy/context.ts';

/** Sentences that an event has of its reasons. */
const mostReasons = 5;

/**
 * The event of a pull that was refused for what the image is; null where it was let through, or is only not decided yet.
 * @param at milliseconds since 1970
 */
export function refusalIn({ name, user, clearance }: GateDecision, at: number): PratiqueEvent | null {
  const { allowed, status, transient, ruled, reasons, digest } = clearance;
  if (allowed || transient || status === 'pending') return null;
  return pullRefused({
    image: name,
    digest,
    policy: ruled?.policy ?? null,
    reasons: reasons.slice(0, mostReasons),
    at: new Date(at).toISOString(),
    gate: 'proxy',
    user,
  });
}
