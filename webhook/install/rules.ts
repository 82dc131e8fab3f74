import { z } from 'zod';

/** What of the cluster is sent to the webhook, as `admissionregistration.k8s.io/v1` has it. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  /** `Namespaced`, `Cluster` or `*`. */
  readonly scope: string;
}

const operations = ['CREATE', 'UPDATE'];

/** Whatever would run an image (`webhook/images.ts`). */
export const clusterRules: readonly Rule[] = [
  {
    apiGroups: [''],
    apiVersions: ['v1'],
    // Ephemeral containers are added through a subresource; "pods" does not cover it.
    resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'podtemplates'],
    operations,
    scope: 'Namespaced',
  },
  {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    operations,
    scope: 'Namespaced',
  },
  {
    apiGroups: ['batch'],
    apiVersions: ['v1'],
    resources: ['jobs', 'cronjobs'],
    operations,
    scope: 'Namespaced',
  },
];

/** A kind's rule, by the plural name that the cluster has for it. */
export function ruleOf(kind: {
  readonly group: string;
  readonly versions: readonly string[];
  readonly resource: string;
}): Rule {
  const { group, versions, resource } = kind;
  return {
    apiGroups: [group],
    apiVersions: versions,
    resources: [resource],
    operations,
    scope: 'Namespaced',
  };
}

const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

/** One of a configuration that somebody has made. */
export const ruleSchema = z.object({
  apiGroups: texts,
  apiVersions: texts,
  resources: texts,
  operations: texts,
  scope: z
    .string()
    .nullish()
    .transform((value) => value ?? '*'),
});

/**
 * The rules that send something that these do not: others have added them, such as `webhook.extraRules` of the chart, and to
 * leave them out would open a gate.
 */
export function rulesBeside(rules: readonly Rule[], known: readonly Rule[]): readonly Rule[] {
  return rules.filter((rule) => !known.some((one) => covers(one, rule)));
}

function covers(one: Rule, rule: Rule): boolean {
  const within = (key: 'apiGroups' | 'apiVersions' | 'resources' | 'operations'): boolean =>
    rule[key].every((value) => one[key].includes(value));
  return (
    within('apiGroups') &&
    within('apiVersions') &&
    within('resources') &&
    within('operations') &&
    (one.scope === '*' || one.scope === rule.scope)
  );
}
