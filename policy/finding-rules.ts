import { answerTo } from './answers.ts';
import { always } from './condition.ts';
import type { Ground } from './ground.ts';
import type { Plan } from './plan.ts';
import type { FindingRule } from './policy.ts';
import type { Possible, Profile } from './profile.ts';
import type { Subjects } from './subjects.ts';
import type { Timeline } from './timeline.ts';

/** What a rule has caught at an instant. Positions are those of the findings. */
export interface Caught {
  readonly rule: FindingRule;
  /** Its place among the rules about findings. */
  readonly index: number;
  readonly denies: readonly number[];
  /** It would deny, and nobody can tell whether it catches them. */
  readonly undecided: readonly number[];
  /** Of a rule that denies: those whose grace is running. */
  readonly warns: readonly number[];
  readonly tells: readonly number[];
  /** Why the first undecided one is. */
  readonly why: string | null;
  /** When the first grace ends, milliseconds since 1970. */
  readonly graceUntil: number | null;
}

interface Item {
  readonly position: number;
  readonly certain: boolean;
  /** From when on it is caught, milliseconds since 1970. */
  readonly start: number;
  /** From when on it denies. */
  readonly denyFrom: number;
}

/** What a rule has caught: positions of what is beyond doubt and beyond grace, and everything else with its times. */
interface Haul {
  readonly settled: readonly number[];
  readonly items: readonly Item[];
  readonly why: string | null;
}

/** What may be caught by a rule: positions of findings, and what is known of each. */
interface Hits {
  readonly positions: number[];
  readonly possible: Possible[];
}

/**
 * Holds all rules about findings against all findings, and tells the timeline what they will lead to later. Those that
 * catch nothing are left out.
 */
export function caughtByAll(
  { findingRules }: Plan,
  subjects: Subjects,
  ground: Ground,
  timeline: Timeline,
): readonly Caught[] {
  const hits = hitsOf(findingRules.length, subjects.profiles);
  const caught: Caught[] = [];
  // Rule after rule, because expressions share what they may cost.
  for (const { rule, index } of findingRules) {
    const those = hits[index];
    if (those === undefined) continue;
    const haul = haulOf(those, subjects, ground, timeline);
    foretell(rule, haul, timeline);
    const { denies, undecided, warns, tells, graceUntil } = sort(rule, haul, timeline.at);
    if (denies.length + undecided.length + warns.length + tells.length === 0) continue;
    caught.push({ rule, index, denies, undecided, warns, tells, why: haul.why, graceUntil });
  }
  return caught;
}

/** By the rules' indices. */
function hitsOf(rules: number, profiles: readonly Profile[]): readonly (Hits | undefined)[] {
  const hits = new Array<Hits | undefined>(rules).fill(undefined);
  for (let position = 0; position < profiles.length; position += 1) {
    for (const possible of profiles[position]?.possible ?? []) {
      const { index } = possible.planned;
      const known = hits[index];
      if (known === undefined) hits[index] = { positions: [position], possible: [possible] };
      else {
        known.positions.push(position);
        known.possible.push(possible);
      }
    }
  }
  return hits;
}

function haulOf(hits: Hits, subjects: Subjects, ground: Ground, timeline: Timeline): Haul {
  const { letThroughUntil, findings } = subjects;
  const { at } = timeline;
  const settled: number[] = [];
  const items: Item[] = [];
  let first: string | null = null;
  for (let nth = 0; nth < hits.positions.length; nth += 1) {
    const [position, possible] = [hits.positions[nth], hits.possible[nth]];
    const finding = position === undefined ? undefined : findings[position];
    if (position === undefined || possible === undefined || finding === undefined) continue;
    let why = possible.doubt;
    if (possible.planned.program !== null) {
      const answer = answerTo(possible, possible.planned.program, finding, ground);
      if (answer.kind === 'no') continue;
      if (answer.kind === 'undecided') why = answer.why;
    }
    const start = Math.max(letThroughUntil[position] ?? always, possible.from);
    let denyFrom = start;
    if (possible.grace !== null) {
      if (possible.grace.begins > at) timeline.endsAt(possible.grace.begins);
      else denyFrom = Math.max(start, possible.grace.ends);
    }
    if (denyFrom <= at && why === null) {
      settled.push(position);
      continue;
    }
    items.push({ position, certain: why === null, start, denyFrom });
    if (start <= at) first ??= why;
  }
  return { settled, items, why: first };
}

function sort(
  rule: FindingRule,
  { settled, items }: Haul,
  at: number,
): Omit<Caught, 'rule' | 'index' | 'why'> {
  const active = items.filter(({ start }) => start <= at);
  const all = () => (active.length === 0 ? settled : [...settled, ...positionsOf(active)]);
  const nothing = { denies: [], undecided: [], warns: [], tells: [], graceUntil: null };
  if (settled.length + active.length < rule.count) return nothing;
  if (rule.action === 'info') return { ...nothing, tells: all() };
  if (rule.action === 'warn') return { ...nothing, warns: all() };
  const graced = active.filter(({ denyFrom }) => denyFrom > at);
  const doubtful = positionsOf(active.filter(({ denyFrom }) => denyFrom <= at));
  const first = graced.reduce((least, { denyFrom }) => Math.min(least, denyFrom), Number.POSITIVE_INFINITY);
  const rest = { ...nothing, warns: positionsOf(graced), graceUntil: graced.length === 0 ? null : first };
  if (settled.length >= rule.count) return { ...rest, denies: settled, undecided: doubtful };
  if (settled.length + doubtful.length >= rule.count) {
    return { ...rest, undecided: [...settled, ...doubtful] };
  }
  return { ...rest, warns: all() };
}

function positionsOf(items: readonly Item[]): readonly number[] {
  return items.map(({ position }) => position);
}

function foretell({ action, count }: FindingRule, { settled, items }: Haul, timeline: Timeline): void {
  const later = items.filter(({ denyFrom }) => denyFrom > timeline.at);
  if (later.length === 0) return;
  const missing = count - settled.length;
  const starts = nth(items, (item) => item.start, missing);
  if (action === 'info') timeline.changes(starts);
  else timeline.becomes('warn', starts);
  if (action === 'deny') {
    timeline.becomes(
      'error',
      nth(items, (item) => item.denyFrom, missing),
    );
    const certain = items.filter((item) => item.certain);
    timeline.becomes(
      'fail',
      nth(certain, (item) => item.denyFrom, missing),
    );
  }
  const active = items.filter(({ start }) => start <= timeline.at).length;
  if (active < missing) return;
  for (const { start, denyFrom } of later) {
    timeline.changes(start);
    timeline.changes(denyFrom);
  }
}

/** The nth smallest time, from 1; `always` before the first, infinite where there are fewer. */
function nth(items: readonly Item[], time: (item: Item) => number, n: number): number {
  if (n < 1) return always;
  if (n === 1) return items.reduce((least, item) => Math.min(least, time(item)), Number.POSITIVE_INFINITY);
  return items.map(time).sort((a, b) => a - b)[n - 1] ?? Number.POSITIVE_INFINITY;
}
