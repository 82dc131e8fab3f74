import type { Clearance } from '../../core/ports/gate.ts';
import { type RuleOutcome, type Verdict, type VerdictStatus, worstStatus } from '../../core/verdict.ts';
import type { Answer } from './answer.ts';

/** Which rule makes something else be said, and its sentence. */
export interface Made {
  /** null: a binding, or what the image is. */
  readonly rule: string | null;
  readonly reason: string;
}

/** What is worse than before has its reason in what is said after; what is better, in what is said no more. */
export function whatMakes(before: Answer, after: Answer): Made {
  const [was, becomes] = [before.clearance, after.clearance];
  if (was.status === becomes.status) return byMode(becomes);
  const worse = worstStatus([was.status, becomes.status]) === becomes.status;
  const made = worse ? reasonIn(after, was) : reasonIn(before, becomes);
  return worse ? made : { ...made, reason: `no longer: ${made.reason}` };
}

/** The same is said, and another mode makes something else of it. */
function byMode({ allowed, ruled, reasons }: Clearance): Made {
  const reason = reasons[0] ?? '';
  if (ruled === null) return { rule: null, reason };
  const acts = allowed ? 'lets it through' : 'refuses it';
  return { rule: null, reason: `binding ${ruled.binding} (${ruled.mode}) ${acts}: ${reason}` };
}

const actions: Readonly<Partial<Record<VerdictStatus, RuleOutcome['action']>>> = {
  fail: 'deny',
  error: 'error',
  warn: 'warn',
};

/** @param other what is said instead: a rule that has the same say there makes no difference */
function reasonIn({ selection, clearance }: Answer, other: Clearance): Made {
  const first = clearance.reasons[0] ?? `its status is ${clearance.status}`;
  if (selection.kind === 'refused' || selection.kind === 'passed')
    return { rule: selection.rule.id, reason: first };
  const verdict = verdictOf(clearance);
  const action = actions[clearance.status];
  if (verdict === null || verdict.status !== clearance.status || action === undefined)
    return { rule: null, reason: first };
  const there = new Set(
    (verdictOf(other)?.rules ?? []).filter((one) => one.action === action).map(({ id }) => id),
  );
  const having = verdict.rules.filter((one) => one.action === action);
  const rule = having.find(({ id }) => !there.has(id)) ?? having[0];
  if (rule === undefined) return { rule: null, reason: first };
  // Sentences about findings end with the titles of the rules that caught them.
  return { rule: rule.id, reason: verdict.reasons.find((reason) => reason.includes(rule.title)) ?? first };
}

function verdictOf(clearance: Clearance): Verdict | null {
  return clearance.platforms[0]?.verdict ?? null;
}
