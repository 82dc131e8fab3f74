import { isContextFree } from '../core/exception.ts';
import type { Finding } from '../core/finding.ts';
import type { FinalStatus } from '../core/verdict.ts';
import { always, fitsClass } from './condition.ts';
import type { Evaluation } from './evaluate.ts';
import { governingException, indexExceptions } from './exceptions.ts';
import { compile } from './expressions/program.ts';
import type { Caught } from './finding-rules.ts';
import { type Ground, groundOf } from './ground.ts';
import { type Judgement, leadsTo } from './judgement.ts';
import type { Exception, FindingRule, Policy, Rule, RuleAction, WholeRule } from './policy.ts';
import { staleAt, type Unmet, unmetRequirements } from './requirements.ts';
import { catcher, graceAnew } from './samples-reference-catch.ts';
import { midnightBefore } from './time.ts';
import type { Timeline } from './timeline.ts';
import { type Hold, wholeHolds } from './whole-rules.ts';

/**
 * Judging in the straightforward way, every rule held against every finding of every image and nothing remembered: what
 * the way that remembers has to agree with.
 */
interface Item {
  readonly position: number;
  readonly certain: boolean;
  /** From when on it is caught, milliseconds since 1970. */
  readonly start: number;
  /** From when on it denies. */
  readonly denyFrom: number;
}

interface Haul {
  readonly settled: readonly number[];
  readonly items: readonly Item[];
  readonly why: string | null;
}

interface Subjects {
  readonly findings: readonly Finding[];
  readonly letThroughUntil: readonly number[];
  readonly suppressed: readonly (readonly [position: number, exception: Exception])[];
  readonly ended: ReadonlySet<Exception>;
}

const day = 86_400_000;

/** Judges at the timeline's instant, and tells the timeline what time will lead to. */
export function judgeAnew(
  { policy, inventory, match, image, scannedAt }: Evaluation,
  timeline: Timeline,
): Judgement {
  const ground = groundOf(inventory, match, scannedAt, timeline.at);
  const subjects = subjectsOf(policy, match.findings, image, timeline);
  const caught = policy.rules
    .filter((rule): rule is FindingRule => rule.subject === 'findings')
    .map((rule, index) => caughtBy(rule, index, subjects, ground, timeline))
    .filter((one) => one.denies.length + one.undecided.length + one.warns.length + one.tells.length > 0);
  const whole = wholeHolds(
    policy.rules.filter((rule): rule is WholeRule => rule.subject !== 'findings'),
    ground,
  );
  for (const hold of whole) foretellHold(hold, timeline);
  const holds = whole.filter(({ from }) => from <= timeline.at);
  const unmet = unmetRequirements(policy, inventory, match, timeline.at);
  const stale = staleAt(policy, inventory, match);
  const { action } = policy.require.advisories;
  if (stale !== null && action !== 'ignore') timeline.becomes(action, stale);
  if (policy.rules.some(readsTime)) timeline.endsAt(midnightBefore(timeline.at) + day);
  return {
    status: statusOf(caught, holds, unmet),
    subjects: { ...subjects, acquitted: [], profiles: [], letThroughUntil: new Float64Array(0) },
    caught,
    holds,
    unmet,
  };
}

function foretellHold({ rule, certain, from }: Hold, timeline: Timeline): void {
  if (rule.action === 'info') timeline.changes(from);
  else timeline.becomes(leadsTo(rule.action, certain), from);
}

function statusOf(caught: readonly Caught[], holds: readonly Hold[], unmet: readonly Unmet[]): FinalStatus {
  const demands = (action: Unmet['action']) => unmet.some((one) => one.action === action);
  const holding = (action: RuleAction, certain: boolean) =>
    holds.some((hold) => hold.rule.action === action && hold.certain === certain);
  if (demands('deny') || holding('deny', true) || caught.some(({ denies }) => denies.length > 0))
    return 'fail';
  if (demands('error') || holding('deny', false) || caught.some(({ undecided }) => undecided.length > 0)) {
    return 'error';
  }
  const warned = demands('warn') || holding('warn', true) || holding('warn', false);
  return warned || caught.some(({ warns }) => warns.length > 0) ? 'warn' : 'pass';
}

function readsTime(rule: Rule): boolean {
  const reads = (place: 'finding' | 'package' | 'image', text: string | null) => {
    const compiled = text === null ? null : compile(place, text);
    return compiled !== null && 'readsTime' in compiled && compiled.readsTime;
  };
  if (rule.subject === 'findings') return reads('finding', rule.when.expression);
  if (rule.subject === 'packages') return reads('package', rule.packages.expression);
  return rule.subject === 'expression' && reads('image', rule.expression);
}

function subjectsOf(
  policy: Policy,
  findings: readonly Finding[],
  images: readonly string[],
  timeline: Timeline,
): Subjects {
  const letThroughUntil = findings.map(() => always);
  const suppressed: (readonly [number, Exception])[] = [];
  const ended = new Set<Exception>();
  const index = indexExceptions(
    policy.exceptions.filter((one) => holdsFor(one, policy)),
    images,
  );
  if (index.size === 0) return { findings, letThroughUntil, suppressed, ended };
  for (const [position, finding] of findings.entries()) {
    const exception = governingException(index, finding, [finding.package, finding.source]);
    if (exception === null) continue;
    letThroughUntil[position] = exception.endsAt;
    if (timeline.at < exception.endsAt) {
      suppressed.push([position, exception]);
      timeline.changes(exception.endsAt);
    } else {
      ended.add(exception);
    }
  }
  return { findings, letThroughUntil, suppressed, ended };
}

function holdsFor({ scope }: Exception, policy: Policy): boolean {
  return isContextFree(scope) && (scope.policies.length === 0 || scope.policies.includes(policy.name));
}

function caughtBy(
  rule: FindingRule,
  index: number,
  subjects: Subjects,
  ground: Ground,
  timeline: Timeline,
): Caught {
  const haul = haulOf(rule, subjects, ground, timeline);
  foretell(rule, haul, timeline);
  return { rule, index, ...sort(rule, haul, timeline.at), why: haul.why };
}

function haulOf(rule: FindingRule, subjects: Subjects, ground: Ground, timeline: Timeline): Haul {
  const { letThroughUntil, findings } = subjects;
  const settled: number[] = [];
  const items: Item[] = [];
  let why: string | null = null;
  const catches = catcher(rule.when, ground);
  const { at } = timeline;
  for (const [position, finding] of findings.entries()) {
    const caught = fitsClass(rule.when, finding) ? catches(finding) : null;
    if (caught === null) continue;
    const start = Math.max(letThroughUntil[position] ?? always, caught.from);
    let denyFrom = start;
    if (rule.grace !== null) {
      const grace = graceAnew(rule, finding, at);
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
