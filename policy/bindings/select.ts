import type { AskContext, AskedImage } from '../../core/context.ts';
import type {
  BeforeScanRule,
  Binding,
  Bound,
  Considered,
  PolicySet,
  Selection,
  Selector,
} from './binding.ts';
import { fitOf, fitsOf, type Matcher, matcherOf, unreadLabels } from './match.ts';

/** A selection without what was passed over on the way. */
export type Selected =
  | { readonly kind: 'bound'; readonly bounds: readonly Bound[] }
  | { readonly kind: 'undecided'; readonly reason: string }
  | Extract<Selection, { readonly kind: 'refused' | 'passed' }>;

export interface Search {
  readonly select: (context: AskContext, image: AskedImage) => Selected;
  /** What was looked at, and why it holds or not. */
  readonly consider: (context: AskContext, image: AskedImage) => readonly Considered[];
}

/**
 * What holds for who asks, in the one order of precedence: the first before-scan rule that fits; else the first binding
 * without workload labels that fits, and every one with workload labels before it that fits. What cannot be told ends
 * the search: a later one may be the laxer one.
 */
export function searchOf(set: PolicySet): Search {
  const rules = set.beforeScan.map((rule) => ({ rule, matcher: matcherOf(rule.selector) }));
  const entries = set.bindings.map((binding) => entryOf(set, binding));
  return {
    select: (context, image) => {
      for (const { rule, matcher } of rules) {
        const fits = fitsOf(matcher, context, image);
        if (fits === 'yes') return { kind: rule.action === 'refuse' ? 'refused' : 'passed', rule };
        if (fits === 'unknown') return undecided(`the before-scan rule ${rule.id}`);
      }
      return bind(entries, context, image);
    },
    consider: (context, image) => consider(rules, entries, context, image),
  };
}

interface Entry extends Bound {
  readonly matcher: Matcher;
  readonly adds: boolean;
}

interface RuleEntry {
  readonly rule: BeforeScanRule;
  readonly matcher: Matcher;
}

function entryOf(set: PolicySet, binding: Binding): Entry {
  const policy = set.policies.get(binding.policy);
  if (policy === undefined) throw new Error('a policy set was read with a policy that it lacks');
  const adds = binding.selector.workloadLabels !== null;
  return { binding, policy, matcher: matcherOf(binding.selector), adds };
}

function bind(entries: readonly Entry[], context: AskContext, image: AskedImage): Selected {
  const bounds: Bound[] = [];
  let open: Selected | null = null;
  for (const { binding, policy, matcher, adds } of entries) {
    const fits = fitsOf(matcher, context, image);
    if (fits === 'no') continue;
    if (fits === 'unknown') open ??= undecided(`the binding ${binding.id}`);
    else bounds.push({ binding, policy });
    if (!adds) return open ?? { kind: 'bound', bounds };
  }
  throw new Error('the last binding of a policy set does not fit everything');
}

function undecided(what: string): Selected {
  return { kind: 'undecided', reason: `whether ${what} holds cannot be told: ${unreadLabels}` };
}

function consider(
  rules: readonly RuleEntry[],
  entries: readonly Entry[],
  context: AskContext,
  image: AskedImage,
): readonly Considered[] {
  const considered: Considered[] = [];
  for (const { rule, matcher } of rules) {
    const found = fitOf(matcher, context, image);
    considered.push({ binding: rule.id, ...found });
    if (found.fits !== 'no') return considered;
  }
  let first: string | null = null;
  for (const { binding, matcher, adds } of entries) {
    if (first !== null) {
      considered.push({ binding: binding.id, fits: 'no', because: `${first} comes first, and fits` });
      continue;
    }
    const found = fitOf(matcher, context, image);
    considered.push({ binding: binding.id, ...found });
    if (adds || found.fits === 'no') continue;
    if (found.fits === 'unknown') return considered;
    first = binding.id;
  }
  return considered;
}

/** Of before-scan rules and bindings alike: what the set looks at. */
export function selectorsOf(set: PolicySet): readonly Selector[] {
  return [...set.beforeScan, ...set.bindings].map(({ selector }) => selector);
}

/** Names of the labels of Pods that a set looks at, in selectors and in context rules. */
export function workloadLabelsOf(set: PolicySet): ReadonlySet<string> {
  const wheres = set.bindings.flatMap(({ context }) => context.flatMap(({ when }) => when.where ?? []));
  const selectors = [...selectorsOf(set), ...wheres];
  return new Set(selectors.flatMap(({ workloadLabels }) => Object.keys(workloadLabels ?? {})));
}
