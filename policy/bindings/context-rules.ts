import type { AskContext, AskedImage } from '../../core/context.ts';
import { severities } from '../../core/severity.ts';
import type { FinalStatus, Verdict } from '../../core/verdict.ts';
import type { ContextRule } from './binding.ts';
import { fitOf, type Matcher, matcherOf } from './match.ts';

/** What a context rule has to say. */
export interface ContextOutcome {
  readonly rule: ContextRule;
  /** `error`: it would deny, and whether it holds cannot be told. */
  readonly action: 'deny' | 'warn' | 'error';
  /** One sentence. */
  readonly reason: string;
}

export interface Known {
  readonly verdict: Verdict;
  /** After exceptions for who asks. */
  readonly status: FinalStatus;
}

/** A rule's `where` names no image (set-schema.ts). */
const noImage: AskedImage = { upstream: null, repository: null };
const matchers = new WeakMap<ContextRule, Matcher>();

/**
 * What the rules of a binding make of a verdict and of who asks.
 * @param known null: there is no verdict, and only rules that look at who asks alone can hold
 */
export function contextOutcomes(
  rules: readonly ContextRule[],
  known: Known | null,
  context: AskContext,
): readonly ContextOutcome[] {
  return rules.flatMap((rule): readonly ContextOutcome[] => {
    if (!holdsFor(rule, known)) return [];
    const found = whereFits(rule, context);
    if (found.fits === 'no') return [];
    if (found.fits === 'yes' || rule.action === 'warn') {
      return [{ rule, action: rule.action, reason: sentence(rule) }];
    }
    return [{ rule, action: 'error', reason: `whether ${rule.id} denies cannot be told: ${found.because}` }];
  });
}

function holdsFor({ when }: ContextRule, known: Known | null): boolean {
  const { status, rules, counts, fixableAtLeast } = when;
  if (known === null) {
    return status === null && rules === null && counts === null && fixableAtLeast === null;
  }
  const { summary, rules: said } = known.verdict;
  if (status !== null && !status.includes(known.status)) return false;
  if (rules !== null && !said.some(({ id }) => rules.includes(id))) return false;
  if (fixableAtLeast !== null && summary.fixable < fixableAtLeast) return false;
  return (
    counts === null || severities.every((severity) => summary.counts[severity] >= (counts[severity] ?? 0))
  );
}

function whereFits(rule: ContextRule, context: AskContext) {
  const { where } = rule.when;
  if (where === null) return { fits: 'yes', because: '' } as const;
  const known = matchers.get(rule);
  const matcher = known ?? matcherOf(where);
  if (known === undefined) matchers.set(rule, matcher);
  return fitOf(matcher, context, noImage);
}

function sentence({ id, title, why, remedy }: ContextRule): string {
  const name = title === id ? id : `${title} (${id})`;
  return [name, why, remedy].filter((part) => part !== null).join('; ');
}
