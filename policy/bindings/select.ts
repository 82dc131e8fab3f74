import type { AskContext, AskedImage } from '../../core/context.ts';
import type { BeforeScanRule, Binding, Bound, Considered, PolicySet, Selection } from './binding.ts';
import { type Fit, fitOf, type Matcher, matcherOf } from './match.ts';

type Select = (context: AskContext, image: AskedImage) => Selection;

/**
 * What holds for who asks, in the one order of precedence: the first before-scan rule that fits; else the first binding
 * without workload labels that fits, and every one with workload labels before it that fits. What cannot be told ends
 * the search: a later one may be the laxer one.
 */
export function selectorOf(set: PolicySet): Select {
  const rules = set.beforeScan.map((rule) => ({ rule, matcher: matcherOf(rule.selector) }));
  const entries = set.bindings.map((binding) => entryOf(set, binding));
  return (context, image) => {
    const considered: Considered[] = [];
    for (const { rule, matcher } of rules) {
      const found = fitOf(matcher, context, image);
      if (found.fits === 'yes') return { kind: rule.action === 'refuse' ? 'refused' : 'passed', rule };
      considered.push({ binding: rule.id, ...found });
      if (found.fits === 'unknown') return undecided(`the before-scan rule ${rule.id}`, found, considered);
    }
    return bind(entries, context, image, considered);
  };
}

interface Entry extends Bound {
  readonly matcher: Matcher;
  readonly adds: boolean;
}

function entryOf(set: PolicySet, binding: Binding): Entry {
  const policy = set.policies.get(binding.policy);
  if (policy === undefined) throw new Error('a policy set was read with a policy that it lacks');
  return {
    binding,
    policy,
    matcher: matcherOf(binding.selector),
    adds: binding.selector.workloadLabels !== null,
  };
}

function bind(
  entries: readonly Entry[],
  context: AskContext,
  image: AskedImage,
  considered: Considered[],
): Selection {
  const bounds: Bound[] = [];
  let open: Selection | null = null;
  for (const [index, { binding, policy, matcher, adds }] of entries.entries()) {
    const found = fitOf(matcher, context, image);
    considered.push({ binding: binding.id, ...found });
    if (found.fits === 'unknown') {
      open ??= undecided(`the binding ${binding.id}`, found, considered);
      if (!adds) return open;
    }
    if (found.fits !== 'yes') continue;
    bounds.push({ binding, policy });
    if (adds) continue;
    if (open !== null) return open;
    for (const later of entries.slice(index + 1)) {
      considered.push({
        binding: later.binding.id,
        fits: 'no',
        because: `${binding.id} comes first, and fits`,
      });
    }
    return { kind: 'bound', bounds, considered };
  }
  throw new Error('the last binding of a policy set does not fit everything');
}

function undecided(what: string, { because }: Fit, considered: readonly Considered[]): Selection {
  return { kind: 'undecided', reason: `whether ${what} holds cannot be told: ${because}`, considered };
}

/** For `BeforeScanRule`s and bindings alike: whether anything of the set looks at a part of the context. */
export function selectorsOf(set: PolicySet): readonly (Binding | BeforeScanRule)['selector'][] {
  return [...set.beforeScan, ...set.bindings].map(({ selector }) => selector);
}
