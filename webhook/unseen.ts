import type { AskContext, AskedImage } from '../core/context.ts';
import type { Ruled } from '../core/ports/gate.ts';
import type { Bound, Selection } from '../policy/bindings/binding.ts';
import type { Rulebook, Ruling } from '../policy/bindings/rulebook.ts';
import { unlookedSentence } from '../policy/bindings/sentences.ts';

/** What this room uses of the policy set in force. */
export type AdmissionRules = Pick<Rulebook, 'select' | 'ruleWithout'>;

/** A ruling with the binding that made it; null: none had a say. */
export interface UnseenRuling extends Omit<Ruling, 'context'> {
  readonly ruled: Ruled | null;
}

/** What is known of an image that no gate has looked at. */
export interface Unseen {
  /** `registry-unknown`: no upstream stands for its registry. */
  readonly status: 'pending' | 'error' | 'registry-unknown';
  readonly reason: string;
}

/** What is decided without a look; null where bindings hold, so that somebody has to look. */
export function withoutLooking(selection: Selection): UnseenRuling | null {
  if (selection.kind === 'bound') return null;
  if (selection.kind === 'undecided') {
    return { status: 'pending', allowed: false, reasons: [selection.reason], ruled: null };
  }
  const { rule } = selection;
  const pass = rule.action === 'pass';
  return { status: pass ? 'warn' : 'fail', allowed: pass, reasons: [unlookedSentence(rule)], ruled: null };
}

/** What the bindings make of an image that could not be looked at. All of them have to allow. */
export function ruleUnseen(
  rules: AdmissionRules,
  asker: AskContext,
  image: AskedImage,
  unseen: Unseen,
): UnseenRuling {
  const selection = rules.select(asker, image);
  if (selection.kind !== 'bound') {
    const decided = withoutLooking(selection);
    if (decided === null) throw new Error('a selection that decides nothing');
    return decided;
  }
  const rulings = selection.bounds.map((bound) => ruleOne(rules, bound, asker, unseen));
  const decisive = rulings.find(({ allowed }) => !allowed) ?? rulings[0];
  if (decisive === undefined) throw new Error('a selection without a binding');
  return decisive;
}

function ruleOne(
  rules: AdmissionRules,
  bound: Bound,
  asker: AskContext,
  { status, reason }: Unseen,
): UnseenRuling {
  const { binding, policy } = bound;
  const ruled = { binding: binding.id, policy: policy.name, mode: binding.mode };
  if (status === 'registry-unknown' && binding.unknownRegistry === 'allow') {
    // Its context rules still have a say; to them it is like any other image that may run before it is known.
    const lenient: Bound = { policy, binding: { ...binding, unknownImage: 'allow' } };
    const ruling = rules.ruleWithout(lenient, 'pending', [reason], asker);
    if (!ruling.allowed) return { ...ruling, ruled };
    return {
      ...{ status: 'warn', allowed: true, ruled },
      reasons: [`let through without being inspected: ${reason}`],
    };
  }
  const known = status === 'registry-unknown' ? 'error' : status;
  return { ...rules.ruleWithout(bound, known, [reason], asker), ruled };
}
