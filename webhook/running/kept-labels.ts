import type { PolicySet } from '../../policy/bindings/binding.ts';
import { workloadLabelsOf } from '../../policy/bindings/select.ts';

/** A policy is the operator's, and names few. */
const mostLabels = 200;

/** Names of the labels of Pods that somebody looks at; Pods may have thousands. */
export function keptLabels(set: PolicySet, teamLabel: string): ReadonlySet<string> {
  return new Set([teamLabel, ...workloadLabelsOf(set)].slice(0, mostLabels));
}

export function holdsAll(kept: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return [...wanted].every((label) => kept.has(label));
}
