import { displayId, type Finding } from '../core/finding.ts';
import type { FindingTable } from './finding-classes.ts';
import type { Caught } from './finding-rules.ts';
import { graceOf } from './grace.ts';
import type { Judgement } from './judgement.ts';
import { foremost } from './order.ts';
import type { RuleAction } from './policy.ts';
import type { Unmet } from './requirements.ts';
import type { Roles } from './roles.ts';
import { endedSentence, findingSentence } from './sentences.ts';
import { oneLine, plural } from './text.ts';
import { isoTime } from './time.ts';

const mostReasons = 50;

/** Sentences for a person, what decides first; at most fifty and one that says how many more there are. @param at milliseconds since 1970 */
export function reasonsOf(judgement: Judgement, roles: Roles, at: number): readonly string[] {
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
      titles.get(position)?.push(titleOf(one, subjects.table, position, at));
    }
  }
  return shown.flatMap((position) => {
    const finding = findings[position];
    if (finding === undefined) return [];
    return [oneLine(`${findingSentence(finding)}: ${(titles.get(position) ?? []).join('; ')}`, 600)];
  });
}

function titleOf({ rule }: Caught, table: FindingTable, position: number, at: number): string {
  const { ends } = graceOf(rule, table, position, at);
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
