import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import { findImages, imagesIn } from '../images.ts';
import { kindsWith } from '../kinds.ts';
import type { ObjectKind } from '../review.ts';
import type { SentKind } from './sent-kinds.ts';

/** An image in a namespace, as some workload asks for it. */
export interface ImageUse {
  readonly namespace: string;
  readonly image: string;
  /** Of the Pods, without what controllers add to each. */
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string | null;
  /** Pods that run it now. */
  running: number;
}

/** Objects of one page of a list. */
const pageSize = 250;
/** Objects of all kinds together. */
const mostObjects = 100_000;
/** Milliseconds for one page. */
const pageTime = 30_000;

interface Listed {
  readonly path: string;
  readonly resource: string;
  readonly kind: ObjectKind;
}

/** What runs, and what will: templates of which no Pod is there now, such as those of CronJobs. */
const lists: readonly Listed[] = [
  { path: '/api/v1/pods', resource: 'pods', kind: { group: '', version: 'v1', kind: 'Pod' } },
  ...(['Deployment', 'StatefulSet', 'DaemonSet'] as const).map((kind) => ({
    path: `/apis/apps/v1/${kind.toLowerCase()}s`,
    resource: `${kind.toLowerCase()}s`,
    kind: { group: 'apps', version: 'v1', kind },
  })),
  {
    path: '/apis/batch/v1/cronjobs',
    resource: 'cronjobs',
    kind: { group: 'batch', version: 'v1', kind: 'CronJob' },
  },
];

/** Labels that tell Pods of one workload apart; no policy can be about them. */
const ofOnePod: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
]);

const page = z.object({
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()),
});
const item = z.object({
  metadata: z.object({ namespace: z.string(), deletionTimestamp: z.string().nullish() }),
  status: z.object({ phase: z.string().nullish() }).nullish(),
});

/**
 * All images that the cluster's Pods and workloads name, but for those of excluded namespaces; each use of one that a
 * policy could tell from another is there once.
 * @throws PratiqueError as `ClusterClient.call`, `config-invalid` for missing rights, `limit-exceeded`
 */
export async function imageUses(
  client: ClusterClient,
  excluded: readonly string[],
  sent: readonly SentKind[] = [],
): Promise<{ readonly uses: readonly ImageUse[]; readonly left: number }> {
  const uses = new Map<string, ImageUse>();
  const left = new Set<string>();
  let objects = 0;
  const kinds = kindsWith(sent);
  for (const list of [...lists, ...sent.map(listOf)]) {
    for await (const object of objectsOf(client, list)) {
      objects += 1;
      if (objects > mostObjects) {
        throw new PratiqueError(
          'limit-exceeded',
          `the cluster has more than ${mostObjects} Pods and workloads, and no more are looked through`,
        );
      }
      const parsed = item.safeParse(object);
      if (!parsed.success) continue;
      const { namespace } = parsed.data.metadata;
      const found = findImages(kinds, list.kind, object);
      if (excluded.includes(namespace)) {
        for (const { image } of imagesIn(found)) left.add(image);
        continue;
      }
      const runs = list.kind.kind === 'Pod' && (parsed.data.status?.phase ?? '') === 'Running';
      const over =
        list.kind.kind === 'Pod' && ['Succeeded', 'Failed'].includes(parsed.data.status?.phase ?? '');
      if (over) continue;
      for (const { images, labels: all, serviceAccount } of found.pods) {
        const labels = Object.fromEntries(
          Object.entries(all)
            .filter(([key]) => !ofOnePod.has(key))
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        for (const image of new Set(images.map((used) => used.image))) {
          const key = JSON.stringify([namespace, image, serviceAccount ?? 'default', labels]);
          const use = uses.get(key) ?? { namespace, image, labels, serviceAccount, running: 0 };
          if (runs) use.running += 1;
          uses.set(key, use);
        }
      }
    }
  }
  return { uses: [...uses.values()].sort((a, b) => b.running - a.running), left: left.size };
}

/** The objects of a kind are the same in each of its versions. */
function listOf({ group, versions, kind, resource }: SentKind): Listed {
  const [version = ''] = versions;
  return { path: `/apis/${group}/${version}/${resource}`, resource, kind: { group, version, kind } };
}

async function* objectsOf(client: ClusterClient, { path, resource, kind }: Listed): AsyncGenerator<unknown> {
  let next: string | null = null;
  do {
    const query = { limit: String(pageSize), ...(next === null ? {} : { continue: next }) };
    const answer = await client.call({ method: 'GET', path, query, milliseconds: pageTime });
    if (answer.status >= 400) {
      throw failureOf(answer, {
        verb: 'list',
        what: resource,
        rule: { group: kind.group, resource, name: null, verbs: ['list'] },
        setting: '--kubeconfig',
        missing: 'it does not have this kind',
      });
    }
    const parsed = page.safeParse(answer.body);
    if (!parsed.success) {
      throw new PratiqueError('upstream-misbehaved', `the API server's list of ${resource} cannot be read`, {
        path,
      });
    }
    yield* parsed.data.items;
    const more = parsed.data.metadata?.continue ?? '';
    next = more === '' ? null : more;
  } while (next !== null);
}
