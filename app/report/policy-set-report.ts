import type {
  BeforeScanRule,
  Binding,
  ContextRule,
  PolicySet,
  Selector,
} from '../../policy/bindings/binding.ts';
import { boundPolicies } from '../../policy/bindings/parse.ts';
import { listOf, oneLine } from '../../policy/text.ts';
import { policyText } from './policy-report.ts';

/** A policy set in words: what decides first comes first. */
export function policySetText(set: PolicySet): string {
  return [
    `policy set ${set.name}, revision ${set.revision}`,
    ...section('before anything is inspected, the first that fits:', set.beforeScan.map(beforeScanText)),
    ...section(
      'bindings, the first that fits (those for workload labels only add to it):',
      set.bindings.flatMap(bindingLines),
    ),
    ...boundPolicies(set).flatMap((policy) => ['', policyText(policy)]),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function beforeScanText({ id, action, selector, reason }: BeforeScanRule): string {
  return `  ${action.padEnd(6)}  ${id}: ${selectorText(selector)}: ${oneLine(reason, 200)}`;
}

function bindingLines(binding: Binding, position: number): string[] {
  const { id, selector, policy, mode, unknownImage, unknownRegistry, maxAge, context } = binding;
  const extras = [
    ...(unknownImage === 'allow' ? ['lets images through that are still being inspected'] : []),
    ...(unknownRegistry === 'allow' ? ['lets images of unknown registries through'] : []),
    ...(maxAge === null
      ? []
      : [`acts on what a replica knows for at most ${maxAge.text} without having heard of the proxy`]),
  ];
  return [
    `  ${position + 1}. ${id}: ${selectorText(selector)}: policy ${policy}, ${mode}`,
    ...extras.map((extra) => `       ${extra}`),
    ...context.map((rule) => `       ${rule.action}  ${rule.id}: ${oneLine(contextText(rule), 300)}`),
  ];
}

/** `gate proxy or ci, namespace web-*`; `everywhere`. */
export function selectorText(selector: Selector): string {
  const some = (noun: string, values: readonly string[] | null): string[] =>
    values === null ? [] : [`${noun} ${listOf(values)}`];
  const labels = (noun: string, values: Readonly<Record<string, string>> | null): string[] =>
    values === null
      ? []
      : [
          `${noun} ${Object.entries(values)
            .map(([key, value]) => `${key}=${value}`)
            .join(' and ')}`,
        ];
  const parts = [
    ...some('gate', selector.gates),
    ...some('upstream', selector.upstreams),
    ...some('image', selector.images),
    ...some('cluster', selector.clusters),
    ...some('namespace', selector.namespaces),
    ...labels('namespace label', selector.namespaceLabels),
    ...labels('workload label', selector.workloadLabels),
    ...some('service account', selector.serviceAccounts),
    ...some('user', selector.users),
    ...some('group', selector.groups),
  ];
  return parts.length === 0 ? 'everywhere' : oneLine(parts.join(', '), 400);
}

/** What a context rule looks at, in words. */
export function contextText({ when }: ContextRule): string {
  const counts = Object.entries(when.counts ?? {});
  const parts = [
    ...(when.status === null ? [] : [`status ${listOf(when.status)}`]),
    ...(when.rules === null ? [] : [`rule ${listOf(when.rules)} had a say`]),
    ...(counts.length === 0
      ? []
      : [`at least ${counts.map(([severity, number]) => `${number} ${severity}`).join(' and ')}`]),
    ...(when.fixableAtLeast === null ? [] : [`at least ${when.fixableAtLeast} with a fix`]),
    ...(when.where === null ? [] : [selectorText(when.where)]),
  ];
  return parts.join(', ');
}
