import type { Finding } from '../core/finding.ts';
import { always, fitsClass } from './condition.ts';
import { compile } from './expressions/program.ts';
import { variables } from './expressions/vocabulary.ts';
import { classOf } from './finding-classes.ts';
import type { FindingRule, Rule, WholeRule } from './policy.ts';
import type { PlannedRule, Possible, Profile } from './profile.ts';

/** What judging takes of the rules alone, made once for as long as they are held by somebody. */
export interface Plan {
  readonly findingRules: readonly PlannedRule[];
  readonly wholeRules: readonly WholeRule[];
  /** Whether what a rule says depends on the day in a way that cannot be foretold. */
  readonly readsTime: boolean;
  /** Those rules whose names and classes fit a finding, in any order. */
  readonly candidates: (finding: Finding) => readonly PlannedRule[];
  /** By the rules' indices: what is known of a finding that a rule catches beyond doubt and since ever. Most share these. */
  readonly sure: readonly Possible[];
  /** By the identity of findings: the same one is in many images. */
  readonly profiles: WeakMap<Finding, Profile>;
}

/** By identity, and beside the rules, which stay plain data. */
const plans = new WeakMap<readonly Rule[], Plan>();

export function planOf(rules: readonly Rule[]): Plan {
  const known = plans.get(rules);
  if (known !== undefined) return known;
  const findingRules = rules
    .filter((rule): rule is FindingRule => rule.subject === 'findings')
    .map((rule, index) => plannedRule(rule, index));
  const plan: Plan = {
    findingRules,
    wholeRules: rules.filter((rule): rule is WholeRule => rule.subject !== 'findings'),
    readsTime: rules.some(readsTime),
    candidates: candidatesAmong(findingRules),
    sure: findingRules.map((planned) => ({ planned, from: always, doubt: null, grace: null, answer: null })),
    profiles: new WeakMap(),
  };
  plans.set(rules, plan);
  return plan;
}

const aroundFinding = new RegExp(
  `\\b(?:${Object.keys(variables.finding)
    .filter((name) => name !== 'finding')
    .join('|')})\\b`,
);

function plannedRule(rule: FindingRule, index: number): PlannedRule {
  const text = rule.when.expression;
  if (text === null) return { rule, index, program: null, asksFindingAlone: true };
  const compiled = compile('finding', text);
  if ('fault' in compiled) throw new Error('an expression of a policy that was read cannot be compiled');
  // A name in a text literal counts as well: then the answer is not remembered, and that is all.
  return { rule, index, program: compiled.program, asksFindingAlone: !aroundFinding.test(text) };
}

/** Most rules of a long policy name packages, and most findings have one class of a few dozen. */
function candidatesAmong(rules: readonly PlannedRule[]): Plan['candidates'] {
  const unnamed = rules.filter(({ rule }) => rule.when.packages === null);
  const named = new Map<string, PlannedRule[]>();
  for (const planned of rules) {
    for (const name of new Set(planned.rule.when.packages ?? [])) {
      const known = named.get(name);
      if (known === undefined) named.set(name, [planned]);
      else known.push(planned);
    }
  }
  const byClass = new Map<number, readonly PlannedRule[]>();
  return (finding) => {
    const key = classOf(finding);
    let ofClass = byClass.get(key);
    if (ofClass === undefined) {
      ofClass = unnamed.filter(({ rule }) => fitsClass(rule.when, finding));
      byClass.set(key, ofClass);
    }
    const [byPackage, bySource] = [named.get(finding.package), named.get(finding.source)];
    if (byPackage === undefined && bySource === undefined) return ofClass;
    const naming = [...new Set([...(byPackage ?? []), ...(bySource ?? [])])];
    const fitting = naming.filter(({ rule }) => fitsClass(rule.when, finding));
    return [...ofClass, ...fitting];
  };
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
