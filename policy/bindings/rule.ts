import type { AskContext } from '../../core/context.ts';
import type { GrantedException } from '../../core/exception.ts';
import { allows, type FinalStatus, type Verdict, type VerdictStatus } from '../../core/verdict.ts';
import { statusAt } from '../evaluate.ts';
import type { Bound, PolicySet } from './binding.ts';
import { type ContextOutcome, contextOutcomes } from './context-rules.ts';
import { effectiveSet } from './effective.ts';
import { rememberedSelector } from './memo.ts';
import type { Rulebook, Ruling } from './rulebook.ts';
import { lift, type ScopedExceptions, scopedExceptions } from './scoped-exceptions.ts';
import { liftedSentence } from './sentences.ts';

const mostReasons = 60;

/** A policy set made ready for gates, with the exceptions that were granted. Those that are revoked count for nothing. */
export function makeRulebook(set: PolicySet, granted: readonly GrantedException[]): Rulebook {
  const effective = effectiveSet(set, granted);
  const exceptions = new Map(
    [...effective.policies.values()].map((policy) => [policy.name, scopedExceptions(policy, granted)]),
  );
  return {
    set: effective,
    select: rememberedSelector(effective),
    rule: (bound, verdict, context, images, at) =>
      rule(bound, verdict, context, images, at, exceptions.get(bound.policy.name) ?? null),
    ruleWithout,
  };
}

/**
 * What a binding makes of a verdict: exceptions for who asks, then context rules, then the mode.
 * @param at milliseconds since 1970
 */
function rule(
  bound: Bound,
  verdict: Verdict,
  context: AskContext,
  images: readonly string[] | null,
  at: number,
  exceptions: ScopedExceptions,
): Ruling {
  const stands = statusAt(verdict, at);
  if (stands === 'pending') {
    const reason = `its verdict held until ${verdict.next?.at ?? verdict.validUntil ?? 'now'}, and is being made again`;
    return act(bound, 'pending', [reason, ...verdict.reasons], []);
  }
  // Past its time a verdict no longer lists all that denies.
  const listed = stands === 'fail' && holdsStill(verdict, at);
  const lifted = listed ? lift(exceptions, verdict, context, images, at) : null;
  const status = lifted === null ? stands : 'warn';
  const outcomes = contextOutcomes(bound.binding.context, { verdict, status }, context);
  return conclude(bound, status, [...(lifted ?? []).map(liftedSentence), ...verdict.reasons], outcomes);
}

function ruleWithout(
  bound: Bound,
  status: Extract<VerdictStatus, 'pending' | 'error'>,
  reasons: readonly string[],
  context: AskContext,
): Ruling {
  const outcomes = contextOutcomes(bound.binding.context, null, context);
  const refused = outcomes.filter(({ action }) => action !== 'warn');
  if (refused.length > 0) return { ...conclude(bound, status, reasons, refused), context: outcomes };
  const cannotWait = context.gate === 'admission' || context.gate === 'runtime';
  if (status === 'pending' && cannotWait && bound.binding.unknownImage === 'allow') {
    const note = `it is let through before it has been inspected: unknownImage of the binding ${bound.binding.id} is allow`;
    return { status, allowed: true, reasons: [note, ...reasons], context: outcomes };
  }
  return act(bound, status, reasons, outcomes);
}

function holdsStill({ validUntil }: Verdict, at: number): boolean {
  return validUntil === null || at < Date.parse(validUntil);
}

const leadsTo = { deny: 'fail', error: 'error', warn: 'warn' } as const;
const ranks: Record<VerdictStatus, number> = { fail: 4, error: 3, pending: 2, warn: 1, pass: 0 };

/** The worst of what the verdict and the context rules say; whatever leads to it is told first. */
function conclude(
  bound: Bound,
  status: FinalStatus | 'pending',
  reasons: readonly string[],
  outcomes: readonly ContextOutcome[],
): Ruling {
  if (outcomes.length === 0) return act(bound, status, reasons, outcomes);
  const said = outcomes.map(({ action, reason }) => ({ status: leadsTo[action], reasons: [reason] }));
  // The sort is stable: the verdict comes before a context rule that leads to the same.
  const all = [{ status, reasons }, ...said].sort((a, b) => ranks[b.status] - ranks[a.status]);
  return act(
    bound,
    all[0]?.status ?? status,
    all.flatMap((one) => one.reasons),
    outcomes,
  );
}

function act(
  { binding }: Bound,
  status: VerdictStatus,
  reasons: readonly string[],
  context: readonly ContextOutcome[],
): Ruling {
  const more = reasons.length - mostReasons;
  const told = more > 0 ? [...reasons.slice(0, mostReasons), `and ${more} more`] : reasons;
  if (allows(status) || binding.mode === 'enforce') {
    return { status, allowed: allows(status), reasons: told, context };
  }
  if (binding.mode === 'off') return { status, allowed: true, reasons: told, context };
  const [first = `its verdict is ${status}`, ...rest] = told;
  return { status, allowed: true, reasons: [`would be refused: ${first}`, ...rest], context };
}
