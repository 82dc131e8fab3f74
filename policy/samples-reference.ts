import { displayId, type Finding } from '../core/finding.ts';
import type { Severity } from '../core/severity.ts';
import type { RuleOutcome, Suppressed, Verdict } from '../core/verdict.ts';
import { blockersOf } from './blockers.ts';
import type { Evaluation } from './evaluate.ts';
import type { Caught } from './finding-rules.ts';
import type { Judgement } from './judgement.ts';
import type { Policy, RuleAction, RuleHead } from './policy.ts';
import type { Unmet } from './requirements.ts';
import { Roles } from './roles.ts';
import { graceAnew } from './samples-reference-catch.ts';
import { judgeAnew } from './samples-reference-judge.ts';
import { endedSentence, findingSentence } from './sentences.ts';
import { summaryOf } from './summary.ts';
import { oneLine, plural } from './text.ts';
import { isoTime } from './time.ts';
import { Timeline } from './timeline.ts';
import type { Hold } from './whole-rules.ts';

/** As `evaluate`, with nothing remembered (samples-reference-judge.ts). */
export function evaluateAnew(evaluation: Evaluation): Verdict {
  const { policy, match, scanner, at } = evaluation;
  const timeline = new Timeline(at);
  const judgement = judgeAnew(evaluation, timeline);
  const { findings } = judgement.subjects;
  const roles = new Roles(judgement);
  const worst = foremost(roles.counted, findings, (position) => roles.decisiveness(position), 10);
  return {
    status: judgement.status,
    policy: policy.name,
    policyRevision: policy.revision,
    advisoriesRevision: match.advisories.revision,
    scanner,
    rules: outcomesOf(judgement, policy),
    reasons: reasonsOf(judgement, roles, at),
    summary: summaryOf(roles.counted, worst, findings),
    coverage: match.coverage,
    suppressed: suppressedOf(judgement),
    blockers: blockersOf(judgement),
    evaluatedAt: isoTime(at),
    ...timeline.future(judgement.status),
  };
}

function suppressedOf({ subjects: { findings, suppressed } }: Judgement): readonly Suppressed[] {
  const exceptions = new Map(suppressed);
  const positions = foremost([...exceptions.keys()], findings, () => 0, exceptions.size);
  return positions.flatMap((position) => {
    const [finding, exception] = [findings[position], exceptions.get(position)];
    if (finding === undefined || exception === undefined) return [];
    return [
      {
        id: finding.id,
        ...(displayId(finding) === finding.id ? {} : { name: displayId(finding) }),
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

const mostReasons = 50;

function reasonsOf(judgement: Judgement, roles: Roles, at: number): readonly string[] {
  const { unmet, subjects } = judgement;
  const reasons = new Reasons();
  const demanded = (action: Unmet['action']) => {
    for (const one of unmet) if (one.action === action) reasons.add(one.reasons);
  };
  const findings = (field: 'denies' | 'warns', positions: readonly number[]) => {
    const room = Math.min(reasons.room, positions.length);
    const decisiveness = (position: number) => roles.decisiveness(position);
    const shown = foremost(positions, subjects.findings, decisiveness, room);
    reasons.add(sentencesOf(judgement, shown, field, at), positions.length);
  };
  demanded('deny');
  reasons.add(heldSentences(judgement, 'deny', true));
  findings('denies', roles.denying);
  reasons.add(heldSentences(judgement, 'deny', false));
  reasons.add(judgement.caught.flatMap((one) => undecidedSentence(one, subjects.findings, roles)));
  demanded('error');
  demanded('warn');
  reasons.add(heldSentences(judgement, 'warn', true));
  reasons.add(heldSentences(judgement, 'warn', false));
  findings('warns', roles.warned);
  reasons.add([...subjects.ended].map(endedSentence));
  return reasons.whole();
}

/** Sentences up to a number, and how many there would be. */
class Reasons {
  readonly #shown: string[] = [];
  #total = 0;

  get room(): number {
    return Math.max(0, mostReasons - this.#shown.length);
  }

  add(sentences: readonly string[], total = sentences.length): void {
    this.#total += total;
    this.#shown.push(...sentences.slice(0, this.room));
  }

  whole(): readonly string[] {
    const more = this.#total - this.#shown.length;
    return more > 0 ? [...this.#shown, `and ${more} more`] : this.#shown;
  }
}

function heldSentences({ holds }: Judgement, action: RuleAction, certain: boolean): readonly string[] {
  const verb = action === 'deny' ? 'denies' : 'warns';
  return holds
    .filter((hold) => hold.rule.action === action && hold.certain === certain)
    .map(({ rule, because }) =>
      oneLine(
        certain ? `${because}: ${rule.title}` : `whether ${rule.id} ${verb} cannot be told: ${because}`,
        600,
      ),
    );
}

/** The sentences of the findings at some positions, each with the titles of the rules that caught it. */
function sentencesOf(
  { caught, subjects }: Judgement,
  shown: readonly number[],
  field: 'denies' | 'warns',
  at: number,
): readonly string[] {
  const { findings } = subjects;
  const marked = new Uint8Array(findings.length);
  for (const position of shown) marked[position] = 1;
  const titles = new Map<number, string[]>(shown.map((position) => [position, []]));
  for (const one of caught) {
    for (const position of one[field]) {
      if (marked[position] !== 1) continue;
      titles.get(position)?.push(titleOf(one, findings[position], at));
    }
  }
  return shown.flatMap((position) => {
    const finding = findings[position];
    if (finding === undefined) return [];
    return [oneLine(`${findingSentence(finding)}: ${(titles.get(position) ?? []).join('; ')}`, 600)];
  });
}

function titleOf({ rule }: Caught, finding: Finding | undefined, at: number): string {
  const ends = finding === undefined ? at : graceAnew(rule, finding, at).ends;
  return ends > at ? `${rule.title} (denies from ${isoTime(ends)})` : rule.title;
}

function undecidedSentence(
  { rule, undecided, why }: Caught,
  findings: readonly Finding[],
  roles: Roles,
): readonly string[] {
  if (undecided.length === 0) return [];
  const first = foremost(undecided, findings, (position) => roles.decisiveness(position), 50);
  const ids = first.flatMap((position) => {
    const finding = findings[position];
    return finding === undefined ? [] : [oneLine(displayId(finding), 80)];
  });
  const names = [...new Set(ids)];
  const more = names.length > 3 ? ', ...' : '';
  return [
    `whether ${rule.id} denies ${plural(undecided.length, 'finding')} (${names.slice(0, 3).join(', ')}${more}) cannot be told: ${why ?? 'too few are certain'}`,
  ];
}

const severityRanks: Record<Severity, number> = {
  critical: 5,
  high: 4,
  unknown: 3,
  medium: 2,
  low: 1,
  negligible: 0,
};

/** All are sorted, and the first `most` taken. */
function foremost(
  positions: readonly number[],
  findings: readonly Finding[],
  decisiveness: (position: number) => number,
  most: number,
): readonly number[] {
  const items = positions.flatMap((position) => {
    const finding = findings[position];
    return finding === undefined
      ? []
      : [{ position, finding, weight: weight(finding, decisiveness(position)) }];
  });
  const sorted = items.sort(
    (a, b) =>
      b.weight - a.weight ||
      compareText(displayId(a.finding), displayId(b.finding)) ||
      compareText(a.finding.package, b.finding.package) ||
      compareText(a.finding.version, b.finding.version) ||
      compareText(a.finding.id, b.finding.id),
  );
  return sorted.slice(0, most).map(({ position }) => position);
}

function weight(finding: Finding, decisiveness: number): number {
  let weighed = decisiveness * 2 + Number(finding.kind === 'malware');
  weighed = weighed * 2 + Number(finding.kev === true);
  weighed = weighed * 6 + severityRanks[finding.severity];
  return weighed * 2 + Number(finding.fixedVersion !== null);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function outcomesOf({ caught, holds, unmet }: Judgement, policy: Policy): readonly RuleOutcome[] {
  const demanded = (action: Unmet['action']) =>
    unmet.filter((one) => one.action === action).map((one) => requirement(one));
  const of = new Map<RuleHead, readonly RuleOutcome[]>([
    ...caught.map((one): [RuleHead, readonly RuleOutcome[]] => [one.rule, ofCaught(one)]),
    ...holds.map((one): [RuleHead, readonly RuleOutcome[]] => [one.rule, [ofHold(one)]]),
  ]);
  const ruled = (action: RuleOutcome['action']) =>
    policy.rules.flatMap((rule) => (of.get(rule) ?? []).filter((outcome) => outcome.action === action));
  return [
    ...demanded('deny'),
    ...ruled('deny'),
    ...ruled('error'),
    ...demanded('error'),
    ...demanded('warn'),
    ...ruled('warn'),
    ...ruled('info'),
  ];
}

function requirement({ id, action, title, remedy }: Unmet): RuleOutcome {
  return { id, action, title, why: null, remedy, controls: [], graceUntil: null, findings: 0 };
}

function outcome(rule: RuleHead, action: RuleOutcome['action'], findings: number): RuleOutcome {
  const { id, title, why, remedy, controls } = rule;
  return { id, action, title, why, remedy, controls, graceUntil: null, findings };
}

function ofHold({ rule, certain }: Hold): RuleOutcome {
  return outcome(rule, rule.action === 'deny' && !certain ? 'error' : rule.action, 0);
}

const importCatalogue = 'Import a known-exploited catalogue: pratique advisories update.';

function ofCaught({
  rule,
  denies,
  undecided,
  warns,
  tells,
  why,
  graceUntil,
}: Caught): readonly RuleOutcome[] {
  const outcomes: RuleOutcome[] = [];
  if (denies.length > 0) outcomes.push(outcome(rule, 'deny', denies.length));
  if (undecided.length > 0) {
    const remedy = why?.startsWith('no known-exploited catalogue') === true ? importCatalogue : rule.remedy;
    outcomes.push({ ...outcome(rule, 'error', undecided.length), remedy });
  }
  if (warns.length > 0) {
    const until = graceUntil === null ? null : isoTime(graceUntil);
    outcomes.push({ ...outcome(rule, 'warn', warns.length), graceUntil: until });
  }
  if (tells.length > 0) outcomes.push(outcome(rule, 'info', tells.length));
  return outcomes;
}
