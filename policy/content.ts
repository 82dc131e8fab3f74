import { displayId, type Finding } from '../core/finding.ts';
import type { FinalStatus, Suppressed, Verdict, VerdictSummary } from '../core/verdict.ts';
import { blockersOf } from './blockers.ts';
import type { Judgement } from './judgement.ts';
import { foremost } from './order.ts';
import { outcomesOf } from './outcomes.ts';
import type { Policy } from './policy.ts';
import { reasonsOf } from './reasons.ts';
import { Roles } from './roles.ts';
import { summaryOf } from './summary.ts';

const mostWorst = 10;

/** The part of a verdict that a judgement decides. */
export interface Content extends Pick<Verdict, 'rules' | 'reasons' | 'blockers'> {
  readonly status: FinalStatus;
  readonly summary: VerdictSummary;
  readonly suppressed: readonly Suppressed[];
}

/** @param at milliseconds since 1970 */
export function describe(judgement: Judgement, policy: Policy, at: number): Content {
  const { findings, profiles } = judgement.subjects;
  const roles = new Roles(judgement);
  const worst = foremost(roles.counted, profiles, (position) => roles.decisiveness(position), mostWorst);
  return {
    status: judgement.status,
    rules: outcomesOf(judgement, policy),
    reasons: reasonsOf(judgement, roles, at),
    summary: summaryOf(roles.counted, worst, findings),
    suppressed: suppressedOf(judgement),
    blockers: blockersOf(judgement),
  };
}

function suppressedOf({ subjects: { findings, profiles, suppressed } }: Judgement): readonly Suppressed[] {
  if (suppressed.length === 0) return [];
  const exceptions = new Map(suppressed);
  const positions = foremost([...exceptions.keys()], profiles, () => 0, exceptions.size);
  return positions.flatMap((position) => {
    const [finding, exception] = [findings[position], exceptions.get(position)];
    if (finding === undefined || exception === undefined) return [];
    return [
      {
        id: finding.id,
        ...named(finding),
        exception: exception.id,
        ticket: exception.ticket,
        package: finding.package,
        by: exception.author,
        reason: exception.reason,
        expires: exception.expires,
      },
    ];
  });
}

/** The name people know it by, where its id is another. */
function named(finding: Finding): Pick<Suppressed, 'name'> {
  const name = displayId(finding);
  return name === finding.id ? {} : { name };
}
