import type { Digest } from '../core/digest.ts';
import type { PlainError } from '../core/errors.ts';
import type { Clearance } from '../core/ports/gate.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Bound } from '../policy/bindings/binding.ts';
import type { Ruler } from '../policy/clearance/ruler.ts';
import type { Policy } from '../policy/policy.ts';
import type { Judge, Judged } from './judge.ts';

/** What is remembered of an image: inventories and findings are not. */
export type Known = Pick<Judged, 'verdicts' | 'images'>;

/** null: a policy that holds here has not said anything of it, or says something else by now. */
export function judgedBy(
  judge: Pick<Judge, 'isCurrent'>,
  digest: Digest,
  platform: string | null,
  known: Known,
  ruler: Ruler,
): Clearance | null {
  const current = new Map<Bound, Verdict>();
  for (const bound of ruler.bounds) {
    const verdict = known.verdicts.get(bound.policy.name);
    if (verdict === undefined || !judge.isCurrent(verdict, bound.policy)) return null;
    current.set(bound, verdict);
  }
  const verdictOf = (bound: Bound): Verdict => {
    const verdict = current.get(bound);
    if (verdict === undefined) throw new Error('a binding of another ruler');
    return verdict;
  };
  return ruler.judged(digest, platform, verdictOf, known.images);
}

/** What all of these policies say; null: one of them has not said anything of it, or says something else by now. */
export function saidBy(
  judge: Pick<Judge, 'isCurrent'>,
  known: Known,
  policies: readonly Policy[],
): readonly Verdict[] | null {
  const verdicts: Verdict[] = [];
  for (const policy of policies) {
    const verdict = known.verdicts.get(policy.name);
    if (verdict === undefined || !judge.isCurrent(verdict, policy)) return null;
    verdicts.push(verdict);
  }
  return verdicts;
}

/** What is said of an image without a verdict. @param failure why there is none; null: it is being found out */
export function unknown(
  ruler: Ruler,
  { digest, platform }: { readonly digest: Digest; readonly platform: string | null },
  failure: PlainError | null,
  pending: string,
): Clearance {
  return failure === null
    ? ruler.pending(digest, platform, pending)
    : ruler.failed(digest, platform, failure);
}
