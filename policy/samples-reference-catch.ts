import type { Finding } from '../core/finding.ts';
import { always } from './condition.ts';
import { type Answer, compile, type Program } from './expressions/program.ts';
import { FindingView } from './expressions/views.ts';
import type { Ground } from './ground.ts';
import type { Condition, FindingRule, Threshold } from './policy.ts';

/** What one rule makes of one finding, found out anew each time (samples-reference-judge.ts). */
interface Catch {
  readonly from: number;
  readonly why: string | null;
}

const certain: Catch = { from: always, why: null };
const noCatalogue: Catch = {
  from: always,
  why: 'no known-exploited catalogue was imported; import one with "pratique advisories update"',
};

export function catcher(when: Condition, ground: Ground): (finding: Finding) => Catch | null {
  const names = when.packages === null ? null : new Set(when.packages);
  const program = when.expression === null ? null : programOf(when.expression);
  const { fixAvailableFor, publishedFor, cvss, epss, knownExploited } = when;
  return (finding) => {
    if (names !== null && !names.has(finding.package) && !names.has(finding.source)) return null;
    if (cvss !== null && !reached(cvss, finding.cvss?.score ?? null)) return null;
    if (epss !== null && !reached(epss, finding.epss)) return null;
    let from = always;
    if (fixAvailableFor !== null)
      from = after(Date.parse(finding.fixedSince ?? ''), fixAvailableFor.milliseconds);
    if (publishedFor !== null) {
      from = Math.max(from, after(Date.parse(finding.published ?? ''), publishedFor.milliseconds));
    }
    const answer = program === null ? null : ask(program, finding, ground);
    if (answer?.kind === 'no') return null;
    if (answer?.kind === 'undecided') return { from, why: answer.why };
    const sure = knownExploited && finding.kev === null ? noCatalogue : certain;
    return from === always ? sure : { from, why: sure.why };
  };
}

function reached(threshold: Threshold, value: number | null): boolean {
  return value === null ? threshold.unknown : value >= threshold.atLeast;
}

/** Since ever where nobody says when it began. */
function after(start: number | undefined, milliseconds: number): number {
  return start === undefined || Number.isNaN(start) ? always : start + milliseconds;
}

function programOf(expression: string): Program {
  const compiled = compile('finding', expression);
  if ('fault' in compiled) throw new Error('an expression of a policy that was read cannot be compiled');
  return compiled.program;
}

function ask(program: Program, finding: Finding, { values, meter }: Ground): Answer {
  const { image, os, now } = values;
  return program({ finding: new FindingView(finding), image, os, now }, meter);
}

interface GraceOf {
  /** `always`: there is none. */
  readonly ends: number;
  /** null: none will begin. */
  readonly begins: number | null;
}

const none: GraceOf = { ends: always, begins: null };

export function graceAnew(rule: FindingRule, finding: Finding, at: number): GraceOf {
  if (rule.grace === null) return none;
  // Nobody can tell: it might be exploited.
  const known = finding.kev === false;
  const period = known ? rule.grace.period : rule.grace.knownExploited;
  if (period === null) return none;
  let start = Date.parse(finding.published ?? '');
  if (Number.isNaN(start)) return none;
  if (rule.when.fixAvailable === true || rule.when.fixAvailableFor !== null) {
    const fixed = Date.parse(finding.fixedSince ?? '');
    if (fixed > start) start = fixed;
  }
  if (start > at) return { ends: always, begins: start };
  return { ends: start + period.milliseconds, begins: null };
}
