import type { AskContext } from '../../core/context.ts';
import type { Asked, Selection } from '../../policy/bindings/binding.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import type { ExplainedBinding, ExplainedPlatform } from '../report/explain-report.ts';
import { answerTo, type Subject } from './answer.ts';

/**
 * Why a gate says what it says of one platform of an image.
 * @param at milliseconds since 1970
 */
export function explainSubject(
  book: Rulebook,
  asked: Asked,
  subject: Subject,
  at: number,
): ExplainedPlatform {
  const { selection, clearance } = answerTo(book, asked, subject, at);
  const { status, allowed, reasons } = clearance;
  const { digest, platform } = subject;
  return {
    digest,
    platform,
    status,
    allowed,
    reasons,
    bindings: bindingsOf(book, selection, asked.context, subject, at),
  };
}

function bindingsOf(
  book: Rulebook,
  selection: Selection,
  context: AskContext,
  { images, verdict: judge, pending }: Subject,
  at: number,
): readonly ExplainedBinding[] {
  if (selection.kind !== 'bound') return [];
  return selection.bounds.map((bound): ExplainedBinding => {
    const { binding, policy } = bound;
    const verdict = judge?.(bound) ?? null;
    const ruling =
      verdict === null
        ? book.ruleWithout(bound, 'pending', [pending], context)
        : book.rule(bound, verdict, context, images, at);
    return {
      ...ruling,
      binding: binding.id,
      policy: policy.name,
      mode: binding.mode,
      verdict,
      context: ruling.context.map(({ rule, action, reason }) => ({ rule: rule.id, action, reason })),
    };
  });
}
