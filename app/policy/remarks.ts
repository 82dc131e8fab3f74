import { hostedUpstream } from '../../core/repository.ts';
import type { PolicySet, Selector } from '../../policy/bindings/binding.ts';
import { matchesName } from '../../policy/bindings/glob.ts';
import type { Config } from '../config/config.ts';

/** What of the configuration bindings can rest on. */
export interface Surroundings {
  /** Names of upstreams, the hosted repositories' included. */
  readonly upstreams: readonly string[];
  readonly cluster: string | null;
  /** Whether the labels of namespaces can be read. */
  readonly namespaceLabels: boolean;
  /** Hosts of the registry port itself: names with them are never canonical. */
  readonly ownHosts: readonly string[];
}

export function surroundingsOf(config: Config): Surroundings {
  const { registry } = config.listen;
  const listening =
    registry === null ? [] : [`${registry.host}:${registry.port}`, `localhost:${registry.port}`];
  return {
    upstreams: [...config.upstreams.map(({ name }) => name), hostedUpstream],
    cluster: config.cluster,
    namespaceLabels: config.listen.webhook === null || config.webhook.namespaces !== null,
    ownHosts: [...config.publicNames, ...listening],
  };
}

/**
 * What a policy set asks for that can never be so with this configuration, each a sentence that says what to do. The set
 * is in force all the same: its files may be meant for several installations.
 */
export function remarksOn(set: PolicySet, surroundings: Surroundings): readonly string[] {
  const named = [
    ...set.bindings.map(({ id, selector }) => ({ what: `the binding ${id}`, selector })),
    ...set.beforeScan.map(({ id, selector }) => ({ what: `the before-scan rule ${id}`, selector })),
  ];
  return named.flatMap(({ what, selector }) =>
    remarksOnSelector(selector, surroundings).map((remark) => `${what} ${remark}`),
  );
}

function remarksOnSelector(selector: Selector, surroundings: Surroundings): readonly string[] {
  const { upstreams, images, clusters, namespaceLabels, gates } = selector;
  const remarks: string[] = [];
  const unknown = upstreams?.filter(
    (pattern) => !surroundings.upstreams.some((name) => matchesName(pattern, name)),
  );
  if (unknown !== undefined && unknown.length > 0) {
    remarks.push(`names the upstreams ${unknown.join(', ')}; there are ${surroundings.upstreams.join(', ')}`);
  }
  const { cluster } = surroundings;
  if (clusters !== null && !clusters.some((pattern) => cluster !== null && matchesName(pattern, cluster))) {
    const own = cluster === null ? 'no name: give it one with "cluster"' : `the name ${cluster}`;
    remarks.push(`is for the clusters ${clusters.join(', ')}; this one has ${own}`);
  }
  const own = images?.filter((pattern) => surroundings.ownHosts.includes(pattern.split('/')[0] ?? ''));
  if (own !== undefined && own.length > 0) {
    remarks.push(
      `names images by this proxy's own address (${own.join(', ')}): images are named by the registry that they come from, such as docker.io/library/*`,
    );
  }
  const admits = gates === null || gates.includes('admission');
  if (namespaceLabels !== null && admits && !surroundings.namespaceLabels) {
    remarks.push(
      'looks at labels of namespaces, which nobody reads here, so every object for which it might hold is refused: set webhook.kubeconfig',
    );
  }
  return remarks;
}
