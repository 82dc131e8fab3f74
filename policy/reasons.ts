import type { Caught } from './finding-rules.ts';
import type { Judgement } from './judgement.ts';
import { foremost } from './order.ts';
import type { RuleAction } from './policy.ts';
import type { Profile } from './profile.ts';
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
    const shown = foremost(positions, subjects.profiles, decisiveness, room);
    reasons.add(sentencesOf(judgement, shown, field, at), positions.length);
  };
  demanded('deny');
  reasons.add(heldSentences(judgement, 'deny', true));
  findings('denies', roles.denying);
  reasons.add(heldSentences(judgement, 'deny', false));
  reasons.add(judgement.caught.flatMap((one) => undecidedSentence(one, subjects.profiles, roles)));
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
  { caught, subjects: { profiles } }: Judgement,
  shown: readonly number[],
  field: 'denies' | 'warns',
  at: number,
): readonly string[] {
  const titles = new Array<number[] | undefined>(profiles.length).fill(undefined);
  for (const position of shown) titles[position] = [];
  for (const { rule, index, [field]: positions } of caught) {
    for (const position of positions) {
      const those = titles[position];
      if (those === undefined) continue;
      const graced = rule.grace !== null && isGraced(profiles[position], index, at);
      those.push(index * 2 + Number(graced));
    }
  }
  return shown.flatMap((position) => {
    const profile = profiles[position];
    return profile === undefined ? [] : [sentenceOf(profile, titles[position] ?? [])];
  });
}

function isGraced(profile: Profile | undefined, index: number, at: number): boolean {
  const grace = profile?.possible.find(({ planned }) => planned.index === index)?.grace ?? null;
  return grace !== null && grace.begins <= at && grace.ends > at;
}

/** @param titles of each rule twice its index, and one more where its grace is running */
function sentenceOf(profile: Profile, titles: readonly number[]): string {
  const last = profile.sentence;
  if (last !== null && isSame(last.titles, titles)) return last.text;
  const told = titles.flatMap((code) => {
    const found = profile.possible.find(({ planned }) => planned.index === code >> 1);
    if (found === undefined) return [];
    const { planned, grace } = found;
    const graced = code % 2 === 1 && grace !== null;
    return [graced ? `${planned.rule.title} (denies from ${isoTime(grace.ends)})` : planned.rule.title];
  });
  const text = oneLine(`${findingSentence(profile.finding)}: ${told.join('; ')}`, 600);
  profile.sentence = { titles, text };
  return text;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, place) => one === b[place]);
}

function undecidedSentence(
  { rule, undecided, why }: Caught,
  profiles: readonly Profile[],
  roles: Roles,
): readonly string[] {
  if (undecided.length === 0) return [];
  const first = foremost(undecided, profiles, (position) => roles.decisiveness(position), 50);
  const ids = first.flatMap((position) => {
    const profile = profiles[position];
    return profile === undefined ? [] : [oneLine(profile.name, 80)];
  });
  const names = [...new Set(ids)];
  const more = names.length > 3 ? ', ...' : '';
  return [
    `whether ${rule.id} denies ${plural(undecided.length, 'finding')} (${names.slice(0, 3).join(', ')}${more}) cannot be told: ${why ?? 'too few are certain'}`,
  ];
}
