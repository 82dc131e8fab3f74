import { setTimeout as pause } from 'node:timers/promises';
import { PratiqueError } from '../../core/errors.ts';
import { parseDuration } from '../../policy/time.ts';
import { clusterAccess } from '../../webhook/cluster/access.ts';
import { type ClusterClient, clusterClient } from '../../webhook/cluster/client.ts';
import type { Time } from '../../webhook/install/enforcing.ts';
import { type Look, lookAt } from '../../webhook/install/look.ts';
import { type Installed, readInstalled } from '../../webhook/install/state.ts';
import type { ImageUse } from '../../webhook/install/uses.ts';
import type { Console } from '../console.ts';
import type { Environment } from '../harbor/connection.ts';
import { createProgress } from './progress.ts';

/** Options of every `pratique webhook` command. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly name: string;
  readonly namespace: string;
  readonly timeout: string;
  readonly format: 'table' | 'json';
}

/** Clock, waiting and the cluster, handed in by tests. */
export interface WebhookTools extends Time {
  readonly connect: (flags: ClusterFlags, env: Environment) => Promise<ClusterClient>;
  /** Milliseconds of a clock that nobody sets. */
  readonly ticks: () => number;
}

export const realWebhookTools: WebhookTools = {
  now: Date.now,
  ticks: () => performance.now(),
  sleep: async (milliseconds) => {
    await pause(milliseconds);
  },
  connect: async ({ kubeconfig, context }, env) =>
    clusterClient(
      await clusterAccess({
        file: kubeconfig ?? null,
        context: context ?? null,
        setting: 'pratique webhook',
        env,
      }),
    ),
};

/** `lookAt`, with a line for whoever waits: a large cluster takes minutes. */
export async function looked(
  client: ClusterClient,
  uses: readonly ImageUse[],
  milliseconds: number,
  console: Console,
  { now, ticks }: WebhookTools,
): Promise<Look> {
  const progress = createProgress(console, now);
  try {
    return await lookAt(client, uses, milliseconds, ticks, (done, all) =>
      progress.show(`asked about ${done} of ${all} images in workloads`),
    );
  } finally {
    progress.clear();
  }
}

/** @throws PratiqueError `usage-invalid` @returns milliseconds */
export function timeoutOf({ timeout }: Pick<ClusterFlags, 'timeout'>): number {
  const seconds = /^(?:0|[1-9][0-9]{0,4})s?$/.exec(timeout);
  const milliseconds = seconds === null ? parseDuration(timeout) : Number(timeout.replace('s', '')) * 1000;
  if (milliseconds !== null) return milliseconds;
  throw new PratiqueError('usage-invalid', `--timeout: found "${timeout}", allowed a time such as 90s or 5m`);
}

/** @throws PratiqueError `config-invalid` where nothing is installed */
export async function installedOr(client: ClusterClient, { name }: ClusterFlags): Promise<Installed> {
  const installed = await readInstalled(client, name);
  if (installed !== null) return installed;
  throw new PratiqueError(
    'config-invalid',
    `there is no ValidatingWebhookConfiguration "${name}" in ${client.server}: run pratique webhook install first`,
    { configuration: name },
  );
}
