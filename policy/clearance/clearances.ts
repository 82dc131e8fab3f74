import type { Digest } from '../../core/digest.ts';
import { errorTable, type PlainError } from '../../core/errors.ts';
import type { Clearance, Ruled } from '../../core/ports/gate.ts';
import { allows, type Verdict, worstStatus } from '../../core/verdict.ts';
import type { BeforeScanRule, Bound } from '../bindings/binding.ts';
import type { Ruling } from '../bindings/rulebook.ts';
import { unlookedSentence } from '../bindings/sentences.ts';

/** What is known of one image, before anybody's binding looks at it. */
export interface Standing {
  readonly digest: Digest;
  /** As its index states it. */
  readonly platform: string | null;
  readonly verdict: Verdict | null;
  /** Why there is no verdict, where vetting failed. */
  readonly failure: PlainError | null;
}

/** What a binding makes of an image. */
export function ruled(standing: Standing, bound: Bound, ruling: Ruling): Clearance {
  const { digest, platform, verdict, failure } = standing;
  const transient = failure === null ? verdict === null : errorTable[failure.code].transient;
  return {
    digest,
    status: ruling.status,
    allowed: ruling.allowed,
    ruled: ruledBy(bound),
    reasons: ruling.reasons,
    platforms: [{ platform, digest, status: ruling.status, verdict, failure }],
    // A verdict that time has overtaken is being made again.
    transient: transient || ruling.status === 'pending',
  };
}

export function ruledBy({ binding, policy }: Bound): Ruled {
  return { binding: binding.id, policy: policy.name, mode: binding.mode };
}

/** Of several bindings that hold at once all have to allow, so the strictest one decides. */
export function strictest(clearances: readonly Clearance[]): Clearance {
  const refusing = clearances.filter(({ allowed }) => !allowed);
  const decisive = refusing.length > 0 ? refusing : clearances;
  const worst = worstStatus(decisive.map(({ status }) => status));
  const first = decisive.find(({ status }) => status === worst);
  if (first === undefined) throw new Error('an image without a binding');
  return first;
}

/** It cannot be told which binding holds for who asks. */
export function undecided(digest: Digest, reason: string): Clearance {
  return { ...base(digest, [reason]), status: 'pending', transient: true };
}

/** Decided before anything was looked at. */
export function unlooked(digest: Digest, rule: BeforeScanRule): Clearance {
  const pass = rule.action === 'pass';
  return {
    ...base(digest, [unlookedSentence(rule)]),
    status: pass ? 'warn' : 'fail',
    allowed: pass,
  };
}

/** null: not all bindings that hold are switched off. What is switched off is let through without a look. */
export function switchedOff(digest: Digest, bounds: readonly Bound[]): Clearance | null {
  const [first] = bounds;
  if (first === undefined || bounds.some(({ binding }) => binding.mode !== 'off')) return null;
  const reason = `nothing is inspected here: the mode of the binding ${first.binding.id} is off`;
  return { ...base(digest, [reason]), status: 'warn', allowed: true, ruled: ruledBy(first) };
}

/** Let through by a binding's mode, though what is said of it does not allow it. */
export function isOverruled({ allowed, status }: Pick<Clearance, 'allowed' | 'status'>): boolean {
  return allowed && !allows(status);
}

function base(digest: Digest, reasons: readonly string[]): Clearance {
  return { digest, status: 'error', allowed: false, ruled: null, reasons, platforms: [], transient: false };
}
