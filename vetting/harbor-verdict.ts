import { plainContext } from '../core/context.ts';
import { PratiqueError } from '../core/errors.ts';
import { type Verdict, worstStatus } from '../core/verdict.ts';
import { makeRulebook } from '../policy/bindings/rule.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import type { Judged } from './judge.ts';

const asker = plainContext('harbor');
/** Rulebooks without the rules that decide before a scan: Harbor asks for one. */
const forScans = new WeakMap<Rulebook, Rulebook>();

/**
 * What the bindings say that hold for Harbor and a repository; of several the strictest. Context rules and exceptions for
 * this gate are in it; a binding's mode is not, because it is Harbor that acts.
 * @param at milliseconds since 1970
 * @throws PratiqueError `vetting-failed` where the policy has changed since the image was judged
 */
export function verdictForHarbor(
  book: Rulebook,
  repository: string,
  { verdicts, images }: Pick<Judged, 'verdicts' | 'images'>,
  at: number,
): Verdict {
  const scans = forScans.get(book) ?? makeRulebook({ ...book.set, beforeScan: [] }, []);
  forScans.set(book, scans);
  const selection = scans.select(asker, { upstream: null, repository });
  // Its context is known whole, so nothing is undecided, and nothing decides before.
  const bounds = selection.kind === 'bound' ? selection.bounds : [];
  const all = bounds.flatMap((bound): Verdict[] => {
    const verdict = verdicts.get(bound.policy.name);
    if (verdict === undefined || verdict.policyRevision !== bound.policy.revision) return [];
    const { status, reasons } = book.rule(bound, verdict, asker, images, at);
    return [status === 'pending' ? verdict : { ...verdict, status, reasons }];
  });
  const worst = worstStatus(all.map(({ status }) => status));
  const verdict = all.find(({ status }) => status === worst);
  if (verdict !== undefined && all.length === bounds.length) return verdict;
  throw new PratiqueError('vetting-failed', 'the policy has changed while the image was judged: try again');
}
