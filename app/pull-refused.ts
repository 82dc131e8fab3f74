import { noSubject, type PratiqueEvent } from '../core/event.ts';
import type { GateDecision } from '../proxy/context.ts';

/** Advisories that an event names. */
const mostAdvisories = 20;

/**
 * The event of a pull that was refused for what the image is; null where it was let through, or is only not decided yet.
 * The same image that is refused again and again is one group.
 * @param at milliseconds since 1970
 */
export function pullRefused({ name, user, clearance }: GateDecision, at: number): PratiqueEvent | null {
  const { allowed, status, transient, ruled, reasons, digest, platforms } = clearance;
  if (allowed || transient || status === 'pending') return null;
  const blockers = platforms.flatMap(({ verdict }) => verdict?.blockers.list ?? []);
  const advisories = new Set(blockers.flatMap(({ finding }) => (finding === null ? [] : [finding.id])));
  return {
    kind: 'pull-refused',
    severity: status === 'fail' ? 'warning' : 'notice',
    at: new Date(at).toISOString(),
    group: `pull-refused ${digest} ${ruled?.binding ?? ''}`,
    title: `The pull of ${name} was refused`,
    reasons: reasons.slice(0, 5),
    subject: {
      ...noSubject,
      image: name,
      digest,
      policy: ruled?.policy ?? null,
      gate: 'proxy',
      user,
      advisories: [...advisories].slice(0, mostAdvisories),
    },
  };
}
