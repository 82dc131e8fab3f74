import { z } from 'zod';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ClusterClient } from './cluster/client.ts';
import { type Asked, failureOf } from './cluster/failure.ts';
import { pause, type Wait } from './cluster/wait.ts';

/** Milliseconds between two tries after a failure: the first, doubled each time, up to the longest. */
const shortestWait = 1000;
const longestWait = 60_000;
/**
 * Milliseconds between two looks when all is well: `kubectl replace` and its like take the bundle away, and a configuration that
 * is made anew has none, so that the API server refuses everything (failurePolicy) until then.
 */
const betweenLooks = 10_000;

const kinds = {
  validating: { kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations' },
  mutating: { kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations' },
} as const;
export type ConfigurationKind = keyof typeof kinds;

export interface CaBundleOptions {
  readonly client: ClusterClient;
  /** Name of a ValidatingWebhookConfiguration, and of a MutatingWebhookConfiguration if there is one, whose webhooks are all Pratique's. */
  readonly configuration: string;
  /** Names of further MutatingWebhookConfigurations, which have to be there. */
  readonly further?: readonly string[];
  /**
   * PEM of all authorities that the API server is to trust. Asked for after a configuration was read, so that of two
   * replicas the one with the older bundle finds that configuration changed, and writes nothing.
   */
  readonly ca: () => Promise<string>;
}

export interface Publishing {
  /** Looks again now, and not only when it is time. */
  poke(): void;
  /** Ends it, with a request that is under way. */
  close(): Promise<void>;
}

/**
 * Keeps the API server told of the webhook's authorities, in the background: tries again after a failure, at most
 * every minute, for as long as it takes, and looks every ten seconds whether it is still so. Never throws; each
 * failure is a warning in the log. Until it succeeds, the API server does not trust the webhook and does with
 * reviews what the configuration's failurePolicy says.
 */
export function publishCaBundle(
  options: CaBundleOptions & {
    readonly logger: Logger;
    readonly wait?: Wait;
    /** Told after each look of the bundle that every configuration holds, and how many webhooks had to be changed. Must not throw. */
    readonly onPublished?: (ca: string, changed: number) => void;
  },
): Publishing {
  const { logger, configuration, wait = pause, onPublished } = options;
  const closing = new AbortController();
  let waiting = new AbortController();
  const { signal } = closing;
  const run = async (): Promise<void> => {
    let failures = 0;
    let known: string | null = null;
    while (!signal.aborted) {
      let milliseconds = betweenLooks;
      waiting = new AbortController();
      try {
        const { changed, ca } = await writeCaBundle(options, signal);
        if (changed > 0 && known === ca) {
          logger.warn(
            { configuration, webhooks: changed },
            'the caBundle had been changed by somebody else and was set again: one authority alone may register there',
          );
        } else if (known !== ca) {
          logger.info(
            { configuration, webhooks: changed },
            "the API server knows the webhook's certificate authority",
          );
        }
        known = ca;
        failures = 0;
        onPublished?.(ca, changed);
      } catch (error) {
        if (signal.aborted) return;
        milliseconds = Math.min(shortestWait * 2 ** failures, longestWait);
        failures += 1;
        logger.warn(
          { err: error, configuration, againInSeconds: milliseconds / 1000 },
          "the API server could not be told of the webhook's certificate authority",
        );
      }
      await wait(milliseconds, AbortSignal.any([signal, waiting.signal]));
    }
  };
  const done = run().catch((error: unknown) => {
    logger.error({ err: error, configuration }, "the webhook's certificate authority is published no more");
  });
  return {
    poke: () => waiting.abort(),
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

/**
 * Sets `clientConfig.caBundle` of every webhook of both configurations to the authorities, where it is another.
 * Nothing is sent when all are right; a change by somebody else in between fails it. There has to be a validating
 * configuration; a mutating one may be there or not.
 * @returns how many webhooks were changed, and what all of them hold now
 * @throws PratiqueError `config-invalid` (the configuration is missing or empty, rights or credentials are
 *   missing), `upstream-unreachable`, `upstream-refused`, `upstream-misbehaved` (of the API server)
 */
export async function writeCaBundle(
  options: CaBundleOptions,
  signal: AbortSignal,
): Promise<{ readonly changed: number; readonly ca: string }> {
  const validating = await writeOne(options, 'validating', signal);
  const mutating = await writeOne(options, 'mutating', signal, validating.ca);
  let changed = validating.changed + mutating.changed;
  for (const configuration of options.further ?? []) {
    changed += (await writeOne({ ...options, configuration }, 'mutating', signal)).changed;
  }
  return { changed, ca: validating.ca };
}

async function writeOne(
  { client, configuration: name, ca: read }: CaBundleOptions,
  of: ConfigurationKind,
  signal: AbortSignal,
  known?: string,
): Promise<{ readonly changed: number; readonly ca: string }> {
  const asked = askedOf(of, name);
  const path = `/apis/admissionregistration.k8s.io/v1/${kinds[of].resource}/${encodeURIComponent(name)}`;
  const answer = await client.call({ method: 'GET', path, signal });
  if (answer.status === 404 && known !== undefined) return { changed: 0, ca: known };
  if (answer.status >= 400) throw failureOf(answer, asked);
  const found = parse(answer.body, asked);
  const ca = await read();
  const patch = patchOf(found, ca, asked);
  if (patch.length === 0) return { changed: 0, ca };
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion },
    ...patch,
  ];
  const type = 'application/json-patch+json';
  const query = { fieldManager: 'pratique' };
  const patched = await client.call({ method: 'PATCH', path, query, body, type, signal });
  if (patched.status >= 400) throw failureOf(patched, asked);
  return { changed: patch.length, ca };
}

function askedOf(of: ConfigurationKind, name: string): Asked {
  const { kind, resource } = kinds[of];
  return {
    verb: 'read and patch',
    what: `the ${kind} "${name}"`,
    rule: { group: 'admissionregistration.k8s.io', resource, name, verbs: ['get', 'patch'] },
    setting: 'webhook.register.kubeconfig',
    missing: 'apply one (pratique webhook install), or correct webhook.register.configuration',
    fields: { configuration: name },
  };
}

const configurationSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z.array(z.object({ clientConfig: z.object({ caBundle: z.string().nullish() }) })).nullish(),
});
type Found = z.output<typeof configurationSchema>;

function parse(body: unknown, { what, fields = {} }: Asked): Found {
  const result = configurationSchema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new PratiqueError(
    'upstream-misbehaved',
    `the API server's answer on ${what} cannot be read: ${where}; does webhook.register.kubeconfig name an API server`,
    fields,
  );
}

interface Operation {
  readonly op: 'add';
  readonly path: string;
  readonly value: string;
}

/** RFC 6902; `add` to a member that is there replaces it (section 4.1). */
function patchOf(found: Found, ca: string, { what, fields = {} }: Asked): Operation[] {
  const webhooks = found.webhooks ?? [];
  if (webhooks.length === 0) {
    throw new PratiqueError(
      'config-invalid',
      `${what} has no webhooks; apply one that has (pratique webhook install)`,
      fields,
    );
  }
  const value = Buffer.from(ca, 'utf8').toString('base64');
  return webhooks.flatMap((webhook, index) =>
    holds(webhook.clientConfig.caBundle, ca)
      ? []
      : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value } as const],
  );
}

function holds(caBundle: string | null | undefined, ca: string): boolean {
  return caBundle != null && Buffer.from(caBundle, 'base64').toString('utf8').trim() === ca.trim();
}
