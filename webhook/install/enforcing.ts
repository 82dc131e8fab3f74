import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf } from '../cluster/failure.ts';
import type { Mode } from './manifests.ts';
import { type Probed, reach } from './probe.ts';
import type { Installed } from './state.ts';

/** Milliseconds for one question whether the webhook is reached. */
const oneReach = 20_000;
const betweenTries = 1000;

/** Clock and waiting, handed in by tests. */
export interface Time {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Namespaces that no configuration may send: the cluster's own Pods and Pratique's start before Pratique can answer. */
export function neverJudged(namespace: string): readonly string[] {
  return ['kube-system', namespace];
}

/**
 * A namespace whose objects are judged, to ask in.
 * @throws PratiqueError `config-invalid` where there is none
 */
export async function judgedNamespace(client: ClusterClient, excluded: readonly string[]): Promise<string> {
  if (!excluded.includes('default')) return 'default';
  const answer = await client.call({ method: 'GET', path: '/api/v1/namespaces', query: { limit: '500' } });
  if (answer.status >= 400) {
    throw failureOf(answer, {
      verb: 'list',
      what: 'namespaces',
      rule: { group: '', resource: 'namespaces', name: null, verbs: ['list'] },
      setting: '--kubeconfig',
      missing: 'is this an API server',
    });
  }
  const names = namespaces.parse(answer.body).items.map(({ metadata }) => metadata.name);
  const found = names.find((name) => !excluded.includes(name));
  if (found !== undefined) return found;
  throw new PratiqueError('config-invalid', 'every namespace of the cluster is excluded: nothing is judged', {
    excluded: excluded.join(' '),
  });
}

const namespaces = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/**
 * Asks until the API server has the webhook refuse what every policy refuses, in this mode.
 * @returns the last answer, which may be another one, when the time is over
 * @throws PratiqueError as `ClusterClient.call`, but for what passes
 */
export async function awaitReached(
  client: ClusterClient,
  namespace: string,
  mode: Mode,
  milliseconds: number,
  time: Time,
): Promise<Probed> {
  const end = time.now() + milliseconds;
  for (;;) {
    const last = await tryReach(client, namespace);
    if (last.kind === 'refused' && last.mode === mode) return last;
    if (time.now() + betweenTries >= end) return last;
    await time.sleep(betweenTries);
  }
}

async function tryReach(client: ClusterClient, namespace: string): Promise<Probed> {
  try {
    return await reach(client, namespace, oneReach);
  } catch (error) {
    if (!isPratiqueError(error) || !error.transient) throw error;
    return { kind: 'unheard', why: error.message };
  }
}

/** Sentences on why the configuration must not be made to refuse; empty: it may be. @param now milliseconds since 1970 */
export function obstacles(installed: Installed, namespace: string, now: number): readonly string[] {
  const missing = neverJudged(namespace).filter((name) => !installed.excluded.includes(name));
  const ends = endsOf(installed.ca);
  return [
    ...missing.map(
      (name) =>
        `the namespace ${name} is not excluded, so after a full outage nothing in it could start: run pratique webhook install`,
    ),
    ...(installed.place.kind === 'service' && installed.ca === null
      ? [
          'no authority is entered (caBundle), so the API server trusts no webhook: let serve enter it (webhook.register), or give one with pratique webhook install --ca FILE',
        ]
      : []),
    ...(ends !== null && ends <= now
      ? [
          `the authority that is entered (caBundle) has ended ${new Date(ends).toISOString()}: let serve renew it (webhook.register), or give another with pratique webhook install --ca FILE`,
        ]
      : []),
  ];
}

/** When the last of a bundle's authorities ends, milliseconds since 1970; null: there is none that can be read. */
export function endsOf(bundle: string | null): number | null {
  const pems = bundle?.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const ends = pems.flatMap((pem) => {
    try {
      return [Date.parse(new X509Certificate(pem).validTo)];
    } catch {
      // A bundle that holds something else beside is taken by what can be read of it, as the API server does.
      return [];
    }
  });
  return ends.length === 0 ? null : Math.max(...ends);
}
