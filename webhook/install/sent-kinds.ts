import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import { type CustomKind, keyOf, parseSteps, stepsText } from '../kinds.ts';

/** A kind beside the cluster's own, and what the cluster calls its objects: `rollouts`. */
export interface SentKind extends CustomKind {
  readonly resource: string;
}

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/**
 * Asks the cluster for what it calls kinds: a rule names `rollouts`, and a configuration `Rollout`.
 * @throws PratiqueError `config-invalid` for a kind that the cluster does not have, or not in namespaces; as
 *   `ClusterClient.call`
 */
export async function findKinds(
  client: ClusterClient,
  kinds: readonly CustomKind[],
): Promise<readonly SentKind[]> {
  const sent: SentKind[] = [];
  for (const kind of kinds) {
    let resource: string | null = null;
    for (const version of kind.versions) {
      const found = await resourceOf(client, kind.group, version, kind.kind);
      if (resource !== null && found !== resource) throw twoNames(client, kind, resource, found);
      resource = found;
    }
    if (resource !== null) sent.push({ ...kind, resource });
  }
  return sent;
}

async function resourceOf(
  client: ClusterClient,
  group: string,
  version: string,
  kind: string,
): Promise<string> {
  const key = keyOf({ group, version, kind });
  const path = `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`;
  const answer = await client.call({ method: 'GET', path });
  if (answer.status >= 400 && answer.status !== 404) {
    throw failureOf(answer, {
      verb: 'ask for the kinds of',
      what: `${group}/${version}`,
      rule: { group, resource: '*', name: null, verbs: ['list'] },
      setting: '--kubeconfig',
      missing: 'install its CustomResourceDefinition',
    });
  }
  const list = answer.status === 404 ? { resources: [] } : parsed(answer.body, client, path);
  // A subresource such as `rollouts/status` has its object's kind.
  const found = list.resources.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) {
    throw new PratiqueError(
      'config-invalid',
      `webhook.kinds: found ${key}, which ${client.server} does not have: install its CustomResourceDefinition first, or take it out of the file`,
      { kind: key },
    );
  }
  if (found.namespaced) return found.name;
  throw new PratiqueError(
    'config-invalid',
    `webhook.kinds: found ${key}, whose objects lie in no namespace of ${client.server}; allowed kinds whose objects do`,
    { kind: key },
  );
}

function parsed(body: unknown, client: ClusterClient, path: string): z.output<typeof resourceList> {
  const result = resourceList.safeParse(body);
  if (result.success) return result.data;
  throw new PratiqueError(
    'upstream-misbehaved',
    `what the API server ${client.server} says of its kinds cannot be read`,
    { path },
  );
}

function twoNames(client: ClusterClient, kind: CustomKind, one: string, other: string): PratiqueError {
  const { group, kind: name, versions } = kind;
  return new PratiqueError(
    'config-invalid',
    `webhook.kinds: found ${name} of ${group} in ${versions.join(', ')}, which ${client.server} calls ${one} and ${other}; allowed one entry for each`,
    { kind: name },
  );
}

const texts = z.array(z.string());
const noted = z.array(
  z.object({
    group: z.string(),
    versions: texts.min(1),
    kind: z.string(),
    resource: z.string(),
    podTemplate: texts,
    podSpec: texts,
  }),
);

/** As it stands on the configuration, so that `status` and `enforce` know where these kinds name images. */
export function notedKinds(kinds: readonly SentKind[]): string {
  return JSON.stringify(
    kinds.map(({ group, versions, kind, resource, paths }) => ({
      ...{ group, versions, kind, resource },
      podTemplate: paths.filter(({ holds }) => holds === 'template').map(({ steps }) => stepsText(steps)),
      podSpec: paths.filter(({ holds }) => holds === 'spec').map(({ steps }) => stepsText(steps)),
    })),
  );
}

/** @throws PratiqueError `config-invalid` where somebody has written something else there */
export function readNotedKinds(text: string, annotation: string, configuration: string): readonly SentKind[] {
  const unusable = (): PratiqueError =>
    new PratiqueError(
      'config-invalid',
      `the annotation ${annotation} of the ValidatingWebhookConfiguration "${configuration}" cannot be read: take it away with kubectl annotate, and run pratique webhook install --config FILE`,
      { configuration, annotation },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable();
  }
  const result = noted.safeParse(value);
  if (!result.success) throw unusable();
  return result.data.map(({ podTemplate, podSpec, ...kind }) => ({
    ...kind,
    paths: [
      ...podTemplate.map((one) => ({ holds: 'template' as const, steps: stepsOr(one, unusable) })),
      ...podSpec.map((one) => ({ holds: 'spec' as const, steps: stepsOr(one, unusable) })),
    ],
  }));
}

function stepsOr(text: string, unusable: () => PratiqueError): NonNullable<ReturnType<typeof parseSteps>> {
  const steps = parseSteps(text);
  if (steps === null) throw unusable();
  return steps;
}
