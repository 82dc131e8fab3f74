import { setTimeout } from 'node:timers/promises';
import type { KubeConfig, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import { clusterError } from './cluster-error.ts';
import { apiClient } from './kube-config.ts';

/** Milliseconds for one request to the API server. */
const longestRequest = 10_000;
/** Milliseconds between two tries after a failure: the first, doubled each time, up to the longest. */
const shortestWait = 1000;
const longestWait = 300_000;
/** Milliseconds between two looks when all is well: `kubectl replace` and its like take the bundle away. */
const betweenLooks = 300_000;

export interface CaBundleOptions {
  readonly kubeConfig: KubeConfig;
  /** Name of a ValidatingWebhookConfiguration whose webhooks are all Pratique's. */
  readonly configuration: string;
  /** PEM of the authority that signed the webhook's certificate. */
  readonly ca: string;
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface Publishing {
  /** Ends it, with a request that is under way. */
  close(): Promise<void>;
}

/**
 * Keeps the API server told of the webhook's authority, in the background: tries again after a failure, at most
 * every 5 minutes, for as long as it takes, and looks every 5 minutes whether it is still so. Never throws; each
 * failure is a warning in the log. Until it succeeds, the API server does not trust the webhook and does with
 * reviews what the configuration's failurePolicy says.
 */
export function publishCaBundle(
  options: CaBundleOptions & { readonly logger: Logger; readonly wait?: Wait },
): Publishing {
  const { logger, configuration, wait = pause } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const run = async (): Promise<void> => {
    let failures = 0;
    let known = false;
    while (!signal.aborted) {
      let milliseconds = betweenLooks;
      try {
        const written = await writeCaBundle(options, signal);
        if (written > 0 && known) {
          logger.warn(
            { configuration, webhooks: written },
            'the caBundle had been changed by somebody else and was set again: one server alone may register there',
          );
        } else if (!known) {
          logger.info(
            { configuration, webhooks: written },
            "the API server knows the webhook's certificate authority",
          );
        }
        known = true;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        milliseconds = Math.min(shortestWait * 2 ** failures, longestWait);
        failures += 1;
        logger.warn(
          { err: error, configuration, againInSeconds: milliseconds / 1000 },
          "the API server could not be told of the webhook's certificate authority",
        );
      }
      await wait(milliseconds, signal);
    }
  };
  const done = run().catch((error: unknown) => {
    logger.error({ err: error, configuration }, "the webhook's certificate authority is published no more");
  });
  return {
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

/**
 * Sets `clientConfig.caBundle` of every webhook of the configuration to the authority, where it is another.
 * Nothing is sent when all are right; a change by somebody else in between fails it.
 * @returns how many webhooks were changed
 * @throws PratiqueError `config-invalid` (the configuration is missing or empty, rights or credentials are
 *   missing), `upstream-unreachable`, `upstream-refused`, `upstream-misbehaved` (of the API server)
 */
export async function writeCaBundle(options: CaBundleOptions, signal: AbortSignal): Promise<number> {
  const { configuration: name } = options;
  try {
    const api = await apiClient(
      options.kubeConfig,
      (library) => library.AdmissionregistrationV1Api,
      signal,
      longestRequest,
    );
    const found = await api.readValidatingWebhookConfiguration({ name });
    const patch = patchOf(found, options);
    if (patch.length === 0) return 0;
    const resourceVersion = found.metadata?.resourceVersion;
    if (resourceVersion === undefined) {
      throw new PratiqueError(
        'upstream-misbehaved',
        `the API server's answer on the ValidatingWebhookConfiguration "${name}" has no resourceVersion; does webhook.register.kubeconfig name an API server`,
        { configuration: name },
      );
    }
    const body = [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...patch];
    await api.patchValidatingWebhookConfiguration({ name, body, fieldManager: 'pratique' });
    return patch.length;
  } catch (error) {
    throw clusterError(error, name);
  }
}

interface Operation {
  readonly op: 'add';
  readonly path: string;
  readonly value: string;
}

/** RFC 6902; `add` to a member that is there replaces it (section 4.1). */
function patchOf(
  found: V1ValidatingWebhookConfiguration,
  { configuration, ca }: CaBundleOptions,
): Operation[] {
  const webhooks = found.webhooks ?? [];
  if (webhooks.length === 0) {
    throw new PratiqueError(
      'config-invalid',
      `the ValidatingWebhookConfiguration "${configuration}" has no webhooks; apply one that has (deploy/kubernetes/validating-webhook.yaml is an example)`,
      { configuration },
    );
  }
  const value = Buffer.from(ca, 'utf8').toString('base64');
  return webhooks.flatMap((webhook, index) =>
    holds(webhook.clientConfig.caBundle, ca)
      ? []
      : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value } as const],
  );
}

function holds(caBundle: string | undefined, ca: string): boolean {
  return caBundle !== undefined && Buffer.from(caBundle, 'base64').toString('utf8').trim() === ca.trim();
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal, ref: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
