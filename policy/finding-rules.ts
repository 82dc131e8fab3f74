import { catcher } from './condition.ts';
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

/** Holds a rule against all findings, and tells the timeline what it will lead to later. */
export function caughtBy(rule: FindingRule, subjects: Subjects, ground: Ground, timeline: Timeline): Caught {
  const catches = catcher(rule.when, ground);
  const items: Item[] = [];
  let why: string | null = null;
  for (const [position, finding] of subjects.findings.entries()) {
    const caught = catches(finding);
    if (caught === null) continue;
    const letThroughUntil = subjects.letThroughUntil[position] ?? Number.NEGATIVE_INFINITY;
    const start = Math.max(letThroughUntil, caught.from);
    let denyFrom = start;
    if (rule.grace !== null) {
      const grace = graceOf(rule, finding, timeline.at);
      denyFrom = Math.max(start, grace.ends);
      if (grace.begins !== null) timeline.endsAt(grace.begins);
    }
    items.push({ position, certain: caught.why === null, start, denyFrom });
    if (start <= timeline.at) why ??= caught.why;
  }
  foretell(rule, items, timeline);
  return { rule, ...sort(rule, items, timeline.at), why };
}

function sort(rule: FindingRule, items: readonly Item[], at: number): Omit<Caught, 'rule' | 'why'> {
  const active = items.filter(({ start }) => start <= at);
  const positions = (some: readonly Item[]) => some.map(({ position }) => position);
  const nothing = { denies: [], undecided: [], warns: [], tells: [], graceUntil: null };
  if (active.length < rule.count) return nothing;
  if (rule.action === 'info') return { ...nothing, tells: positions(active) };
  if (rule.action === 'warn') return { ...nothing, warns: positions(active) };
  const graced = active.filter(({ denyFrom }) => denyFrom > at);
  const denying = graced.length === 0 ? active : active.filter(({ denyFrom }) => denyFrom <= at);
  const certain = denying.filter((item) => item.certain);
  const graceUntil =
    graced.length === 0 ? null : graced.reduce((least, item) => Math.min(least, item.denyFrom), Infinity);
  const warns = positions(graced);
  if (certain.length >= rule.count) {
    const undecided = certain.length === denying.length ? [] : denying.filter((item) => !item.certain);
    return { ...nothing, denies: positions(certain), undecided: positions(undecided), warns, graceUntil };
  }
  if (denying.length >= rule.count) return { ...nothing, undecided: positions(denying), warns, graceUntil };
  return { ...nothing, warns: positions(active), graceUntil };
}

function foretell({ action, count }: FindingRule, items: readonly Item[], timeline: Timeline): void {
  const later = items.filter(({ denyFrom }) => denyFrom > timeline.at);
  if (later.length === 0) return;
  const reached = items.filter(({ start }) => start <= timeline.at).length >= count;
  const starts = nth(
    items.map(({ start }) => start),
    count,
  );
  if (action === 'info') timeline.changes(starts);
  else timeline.becomes('warn', starts);
  if (action === 'deny') {
    timeline.becomes(
      'error',
      nth(
        items.map(({ denyFrom }) => denyFrom),
        count,
      ),
    );
    timeline.becomes(
      'fail',
      nth(
        items.filter(({ certain }) => certain).map(({ denyFrom }) => denyFrom),
        count,
      ),
    );
  }
  if (!reached) return;
  for (const { start, denyFrom } of later) {
    timeline.changes(start);
    timeline.changes(denyFrom);
  }
}

/** The nth smallest, from 1; infinite where there are fewer. */
function nth(times: readonly number[], n: number): number {
  if (n === 1) return times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  return [...times].sort((a, b) => a - b)[n - 1] ?? Number.POSITIVE_INFINITY;
}
