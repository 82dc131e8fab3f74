import type { Policy } from '../policy.ts';
import type { Problem } from '../problems.ts';
import { demandNames } from '../requirements.ts';
import { listOf } from '../text.ts';
import type { Binding } from './binding.ts';

/** Ids that a verdict of the policy can name: its rules, and what an image as a whole must be. */
export function ruleNames(policy: Policy): readonly string[] {
  return [...policy.rules.map(({ id }) => id), ...demandNames];
}

/** Context rules that wait for a rule which their policy does not have: they would never hold. */
export function unknownRules(
  bindings: readonly Binding[],
  policies: ReadonlyMap<string, Policy>,
): readonly Problem[] {
  return bindings.flatMap(({ context, policy }, index) => {
    const known = policies.get(policy);
    if (known === undefined) return [];
    const names = ruleNames(known);
    return context.flatMap(({ when }, rule) =>
      (when.rules ?? []).flatMap((name, place) =>
        names.includes(name)
          ? []
          : [
              {
                path: ['bindings', index, 'context', rule, 'when', 'rules', place],
                found: null,
                allowed: `a rule of "${policy}": ${listOf(names)}`,
                atKey: false,
              },
            ],
      ),
    );
  });
}
