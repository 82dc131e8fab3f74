import type { AskContext } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import { allows, type Suppressed, type Verdict, type VerdictStatus } from '../../core/verdict.ts';
import type { Considered, Selection } from '../../policy/bindings/binding.ts';
import { listOf, oneLine, plural } from '../../policy/text.ts';
import { selectorText } from './policy-set-report.ts';
import { suppressedText } from './verdict-text.ts';

/** What one binding makes of one platform of an image. */
export interface ExplainedBinding {
  readonly binding: string;
  readonly policy: string;
  readonly mode: string;
  readonly status: VerdictStatus;
  readonly allowed: boolean;
  readonly reasons: readonly string[];
  /** What the policy says before anybody asks; null: it was not inspected. */
  readonly verdict: Verdict | null;
  /** Rules of the binding that hold, each a sentence. */
  readonly context: readonly { readonly rule: string; readonly action: string; readonly reason: string }[];
}

export interface ExplainedPlatform {
  readonly digest: Digest | null;
  readonly platform: string | null;
  readonly status: VerdictStatus;
  readonly allowed: boolean;
  readonly reasons: readonly string[];
  readonly bindings: readonly ExplainedBinding[];
}

/** Everything that `policy explain` tells. */
export interface Explanation {
  readonly image: {
    readonly reference: string;
    readonly upstream: string | null;
    readonly repository: string | null;
  };
  readonly asker: AskContext;
  readonly policySet: { readonly name: string; readonly revision: string };
  readonly selection: Selection;
  readonly platforms: readonly ExplainedPlatform[];
  /** What may help whoever asked: options that were left out. */
  readonly hints: readonly string[];
}

export function explainText(explained: Explanation): string {
  const { image, asker, policySet, selection, platforms, hints } = explained;
  return [
    `${oneLine(image.reference, 600)}${image.upstream === null ? ', of a registry that no upstream stands for' : ''}`,
    `asked by ${askerText(asker)}`,
    `policy set ${oneLine(policySet.name, 100)}, revision ${policySet.revision}`,
    '',
    ...selectionLines(selection),
    ...platforms.flatMap(platformLines),
    ...(hints.length === 0 ? [] : ['', ...hints]),
  ].join('\n');
}

/** `gate admission, cluster eu-1, namespace web (labels not known)`. */
export function askerText(asker: AskContext): string {
  const { gate, cluster, namespace, namespaceLabels, workloadLabels, serviceAccount, user, groups } = asker;
  const labels = (map: Readonly<Record<string, string>>): string =>
    Object.entries(map)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
  const parts = [
    `gate ${gate}`,
    ...(cluster === null ? [] : [`cluster ${cluster}`]),
    ...(namespace === null ? [] : [`namespace ${namespace}`]),
    ...(namespaceLabels === null
      ? ['labels of the namespace not known']
      : Object.keys(namespaceLabels).length === 0
        ? []
        : [`labelled ${labels(namespaceLabels)}`]),
    ...(Object.keys(workloadLabels).length === 0 ? [] : [`workload labelled ${labels(workloadLabels)}`]),
    ...(serviceAccount === null ? [] : [`service account ${serviceAccount}`]),
    ...(user === null ? [] : [`user ${user}`]),
    ...(groups.length === 0 ? [] : [`group ${listOf(groups)}`]),
  ];
  return oneLine(parts.join(', '), 600);
}

function selectionLines(selection: Selection): string[] {
  switch (selection.kind) {
    case 'refused':
    case 'passed': {
      const { rule } = selection;
      return [
        `decided before anything is inspected: ${rule.action} by ${rule.id} (${selectorText(rule.selector)}): ${oneLine(rule.reason, 300)}`,
      ];
    }
    case 'undecided':
      return [
        'in their order:',
        ...selection.considered.map(consideredLine),
        `which one holds cannot be told: ${oneLine(selection.reason, 400)}`,
      ];
    case 'bound':
      return [
        'in their order:',
        ...selection.considered.map(consideredLine),
        ...selection.bounds.map(
          ({ binding, policy }) =>
            `holds: binding ${binding.id}, policy ${policy.name}, mode ${binding.mode}`,
        ),
      ];
  }
}

const fits: Readonly<Record<Considered['fits'], string>> = {
  yes: 'fits',
  no: 'does not',
  unknown: 'unknown',
};

function consideredLine({ binding, fits: found, because }: Considered): string {
  return `  ${fits[found].padEnd(8)}  ${binding}: ${oneLine(because, 300)}`;
}

function platformLines({
  digest,
  platform,
  status,
  allowed,
  reasons,
  bindings,
}: ExplainedPlatform): string[] {
  const name = [platform, digest].filter((part) => part !== null).join(' ');
  return [
    '',
    `${name === '' ? 'the image' : name}: ${status}, ${allowed ? 'let through' : 'refused'}`,
    ...(bindings.length === 0 ? reasons.slice(0, 10).map((reason) => `  - ${reason}`) : []),
    ...bindings.flatMap(bindingLines),
  ];
}

function bindingLines({
  binding,
  policy,
  mode,
  status,
  allowed,
  reasons,
  verdict,
  context,
}: ExplainedBinding): string[] {
  const says = verdict === null ? 'has no verdict yet' : `says ${verdict.status}`;
  const acts = allows(status) === allowed ? '' : `, which mode ${mode} lets through`;
  return [
    `  binding ${binding}: policy ${policy} ${says}; ${status}${acts}`,
    ...(verdict?.rules ?? []).flatMap((rule) => [
      `    ${rule.action.padEnd(5)}  ${rule.id}: ${oneLine(rule.title, 200)}${rule.findings === 0 ? '' : ` (${plural(rule.findings, 'finding')})`}${rule.graceUntil === null ? '' : `, grace until ${rule.graceUntil}`}`,
      ...(rule.remedy === null ? [] : [`           ${oneLine(rule.remedy, 300)}`]),
    ]),
    ...context.map(({ action, reason }) => `    ${action.padEnd(5)}  for who asks: ${oneLine(reason, 400)}`),
    ...(verdict?.suppressed ?? []).map((one) => `    ${suppressedLine(one)}`),
    ...reasons.slice(0, 10).map((reason) => `    - ${oneLine(reason, 600)}`),
    ...(reasons.length > 10 ? [`    - and ${reasons.length - 10} more`] : []),
    ...timeLines(verdict),
  ];
}

function suppressedLine(one: Suppressed): string {
  if (one.vex !== undefined) return suppressedText(one);
  const { id, name: known, package: name, by, reason, expires, exception } = one;
  const which = exception === null ? '' : ` by ${exception}`;
  return `until ${expires}: ${oneLine(`${known ?? id} in ${name} is let through${which} (${reason}; ${by})`, 400)}`;
}

function timeLines(verdict: Verdict | null): string[] {
  if (verdict?.next != null)
    return [`    becomes ${verdict.next.status} at ${verdict.next.at} if nothing else changes`];
  return verdict?.validUntil == null ? [] : [`    is judged again at ${verdict.validUntil}`];
}
