import type { AskContext, AskedImage } from '../../core/context.ts';
import type { FinalStatus, VerdictStatus } from '../../core/verdict.ts';

/**
 * One policy set, and what it makes of who asks for what: docs/bindings.md shows it, and a test runs it. A table for
 * people has a row for each of `decisions`: `asks`, `verdict`, `holds`, `answer` with `status`.
 */

/** The file of the set. */
export const decisionSet = `version: 1
name: example
policies: [shop.yaml]

# Decides before anything is looked at. The first that fits.
beforeScan:
  - { id: no-mirror, images: ["mirror.example/**"], action: refuse, reason: The mirror was given up. }
  - id: cluster-itself
    gates: [admission]
    namespaces: [kube-system]
    action: pass
    reason: The cluster has to start.

# The first that fits holds; what has workload labels only adds.
bindings:
  - { id: pci, workloadLabels: { pci: "*" }, policy: shop }
  - id: payments
    namespaceLabels: { team: payments }
    policy: shop
    context:
      - id: no-warnings-by-robots
        action: deny
        when: { status: [warn], where: { groups: [robots] } }
        remedy: Ask a person to deploy it.
  - { id: sandbox, namespaces: ["sandbox-*"], policy: baseline, mode: audit, unknownImage: allow }
  - { id: builds, gates: [ci], policy: shop, mode: warn }
`;

/** The file that it names: anything critical denies, and one finding is let through in one namespace. */
export const decisionPolicy = `version: 1
name: shop
rules:
  - { id: critical, action: deny, when: { severity: { atLeast: critical, unknown: true } } }
exceptions:
  - advisory: CVE-2024-1
    scope: { namespaces: [checkout] }
    reason: The vulnerable function is not called.
    author: ada
    expires: 2026-12-31
`;

export interface Decision {
  /** Who asks for what, in words. */
  readonly asks: string;
  /** Where it differs from an admission of `docker.io/library/nginx` in the namespace `web` without labels. */
  readonly context: Partial<AskContext>;
  readonly image: Partial<AskedImage>;
  /** What each policy says of the image; `fail` is for CVE-2024-1 alone. */
  readonly verdict: FinalStatus | 'pending';
  /** Bindings that hold, or the before-scan rule that decides; nothing where that cannot be told. */
  readonly holds: readonly string[];
  /** `refused` and `let through` without a look are before-scan rules' words. */
  readonly answer: 'allowed' | 'denied' | 'refused' | 'let through' | 'not yet';
  /** What is said; null where no binding has a say. */
  readonly status: VerdictStatus | null;
}

const labelled = { namespaceLabels: { team: 'payments' } };

export const decisions: readonly Decision[] = [
  row('a good image anywhere', {}, 'pass', ['default'], 'allowed', 'pass'),
  row('a bad image anywhere', {}, 'fail', ['default'], 'denied', 'fail'),
  row('an image that nobody can judge', {}, 'error', ['default'], 'denied', 'error'),
  row('an image that is still being inspected', {}, 'pending', ['default'], 'denied', 'pending'),
  row('a good image in a namespace of payments', labelled, 'pass', ['payments'], 'allowed', 'pass'),
  row('a bad image in a namespace of payments', labelled, 'fail', ['payments'], 'denied', 'fail'),
  row(
    'a bad image in checkout, which an exception is for',
    { ...labelled, namespace: 'checkout' },
    'fail',
    ['payments'],
    'allowed',
    'warn',
  ),
  row(
    'a robot with an image that warns, in a namespace of payments',
    { ...labelled, groups: ['robots'] },
    'warn',
    ['payments'],
    'denied',
    'fail',
  ),
  row(
    'a person with an image that warns, in a namespace of payments',
    { ...labelled, groups: ['people'] },
    'warn',
    ['payments'],
    'allowed',
    'warn',
  ),
  row('a namespace whose labels cannot be read', { namespaceLabels: null }, 'pass', [], 'not yet', null),
  row('a bad image in a sandbox', { namespace: 'sandbox-ada' }, 'fail', ['sandbox'], 'allowed', 'fail'),
  row(
    'a sandbox, with an image that is still being inspected',
    { namespace: 'sandbox-ada' },
    'pending',
    ['sandbox'],
    'allowed',
    'pending',
  ),
  row(
    'a bad image in a sandbox, by a workload labelled pci',
    { namespace: 'sandbox-ada', workloadLabels: { pci: 'yes' } },
    'fail',
    ['pci', 'sandbox'],
    'denied',
    'fail',
  ),
  row(
    'a sandbox in a namespace of payments',
    { ...labelled, namespace: 'sandbox-pay' },
    'fail',
    ['payments'],
    'denied',
    'fail',
  ),
  row('a bad image in a build', { gate: 'ci', namespace: null }, 'fail', ['builds'], 'allowed', 'fail'),
  row(
    'a bad image in kube-system',
    { namespace: 'kube-system' },
    'fail',
    ['cluster-itself'],
    'let through',
    null,
  ),
  row(
    'the same by a pull, which has no namespace',
    { gate: 'proxy', namespace: null },
    'fail',
    ['default'],
    'denied',
    'fail',
  ),
  {
    ...row('a good image of the mirror', {}, 'pass', ['no-mirror'], 'refused', null),
    image: { upstream: 'mirror', repository: 'mirror.example/team/app' },
  },
  {
    ...row(
      'a good image of the mirror in kube-system',
      { namespace: 'kube-system' },
      'pass',
      ['no-mirror'],
      'refused',
      null,
    ),
    image: { upstream: 'mirror', repository: 'mirror.example/team/app' },
  },
];

function row(
  asks: string,
  context: Partial<AskContext>,
  verdict: Decision['verdict'],
  holds: readonly string[],
  answer: Decision['answer'],
  status: Decision['status'],
): Decision {
  return { asks, context, image: {}, verdict, holds, answer, status };
}
