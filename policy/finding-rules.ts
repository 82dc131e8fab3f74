import { always, catcher, fitsClass } from './condition.ts';
import { graceOf } from './grace.ts';
import type { Ground } from './ground.ts';
import type { FindingRule } from './policy.ts';
import type { Subjects } from './subjects.ts';
import type { Timeline } from './timeline.ts';

/** What a rule has caught at an instant. Positions are those of the findings. */
export interface Caught {
  readonly rule: FindingRule;
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

/** Holds a rule against all findings, and tells the timeline what it will lead to later. */
export function caughtBy(rule: FindingRule, subjects: Subjects, ground: Ground, timeline: Timeline): Caught {
  const haul = haulOf(rule, subjects, ground, timeline);
  foretell(rule, haul, timeline);
  return { rule, ...sort(rule, haul, timeline.at), why: haul.why };
}

function haulOf(rule: FindingRule, subjects: Subjects, ground: Ground, timeline: Timeline): Haul {
  const { table, letThroughUntil, findings } = subjects;
  const fits = table.examples.map((example) => fitsClass(rule.when, example));
  const settled: number[] = [];
  const items: Item[] = [];
  let why: string | null = null;
  if (!fits.includes(true)) return { settled, items, why };
  const catches = catcher(rule.when, table, ground);
  const { at } = timeline;
  for (let position = 0; position < findings.length; position += 1) {
    const finding = findings[position];
    if (finding === undefined || fits[table.classes[position] ?? 0] !== true) continue;
    const caught = catches(finding, position);
    if (caught === null) continue;
    const start = Math.max(letThroughUntil[position] ?? always, caught.from);
    let denyFrom = start;
    if (rule.grace !== null) {
      const grace = graceOf(rule, table, position, at);
      denyFrom = Math.max(start, grace.ends);
      if (grace.begins !== null) timeline.endsAt(grace.begins);
    }
    if (denyFrom <= at && caught.why === null) {
      settled.push(position);
      continue;
    }
    items.push({ position, certain: caught.why === null, start, denyFrom });
    if (start <= at) why ??= caught.why;
  }
  return { settled, items, why };
}

function sort(rule: FindingRule, { settled, items }: Haul, at: number): Omit<Caught, 'rule' | 'why'> {
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
