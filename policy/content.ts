import { displayId, type Finding } from '../core/finding.ts';
import type { FinalStatus, Suppressed, Verdict, VerdictSummary } from '../core/verdict.ts';
import { blockersOf } from './blockers.ts';
import type { Judgement } from './judgement.ts';
import { foremost } from './order.ts';
import { outcomesOf } from './outcomes.ts';
import type { Exception, Policy } from './policy.ts';
import { reasonsOf } from './reasons.ts';
import { Roles } from './roles.ts';
import { summaryOf } from './summary.ts';
import type { VexStatement } from './vex/statement.ts';
import { noteOf, reasonOf } from './vex/words.ts';

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

function suppressedOf({ subjects }: Judgement): readonly Suppressed[] {
  const { findings, profiles, suppressed, acquitted } = subjects;
  if (suppressed.length + acquitted.length === 0) return [];
  const by = new Map<number, Exception | readonly VexStatement[]>([...suppressed, ...acquitted]);
  const positions = foremost([...by.keys()], profiles, () => 0, by.size);
  return positions.flatMap((position) => {
    const [finding, silencer] = [findings[position], by.get(position)];
    if (finding === undefined || silencer === undefined) return [];
    return [suppressedBy(finding, silencer)];
  });
}

function suppressedBy(finding: Finding, silencer: Exception | readonly VexStatement[]): Suppressed {
  const what = { id: finding.id, ...named(finding) };
  if ('author' in silencer) {
    const { id, ticket, author, reason, expires } = silencer;
    return { ...what, exception: id, ticket, package: finding.package, by: author, reason, expires };
  }
  const vex = silencer.map(noteOf);
  const reason = reasonOf(vex);
  const { package: name } = finding;
  return { ...what, exception: null, ticket: null, package: name, by: 'vex', reason, expires: null, vex };
}

/** The name people know it by, where its id is another. */
function named(finding: Finding): Pick<Suppressed, 'name'> {
  const name = displayId(finding);
  return name === finding.id ? {} : { name };
}
