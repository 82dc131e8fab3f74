import { z } from 'zod';
import { parseDuration } from '../../policy/time.ts';
import type { GlassRules } from '../../webhook/break-glass/accept.ts';
import { signingKey } from '../../webhook/break-glass/glass.ts';
import { strict } from './strict.ts';
import type { WebhookTlsConfig } from './webhook-tls.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const namespaceText = 'the name of a namespace';
const timeText = 'a time such as 30m or 4h, at most 24h';
const groupsText = 'a list of 1 to 20 names of groups';
const longest = 24 * 3_600_000;
const shortestSecret = 32;

/** Who may have nothing refused for a while, and for how long at most (ADR 0043). */
export const breakGlassSchema = strict({
  groups: z
    .array(text, { error: groupsText })
    .min(1, { error: groupsText })
    .max(20, { error: groupsText })
    // Everybody is in these (Kubernetes, "Authentication").
    .refine((groups) => !groups.some((group) => /^system:(?:un)?authenticated$/.test(group)), {
      error: 'groups that not everybody is in',
    }),
  longest: z
    .string({ error: timeText })
    .refine((value) => (parseDuration(value) ?? longest + 1) <= longest, { error: timeText })
    .default('4h'),
  namespace: z
    .string({ error: namespaceText })
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: namespaceText })
    .default('pratique'),
  keyFile: text.optional(),
  keyEnv: text.optional(),
  kubeconfig: text.optional(),
}).refine((value) => (value.keyFile === undefined) !== (value.keyEnv === undefined), {
  error: 'exactly one of keyFile, keyEnv: the same key for all replicas',
});

export interface BreakGlassConfig {
  readonly rules: GlassRules;
  /** null: from the environment. */
  readonly kubeconfig: string | null;
}

/** @param clients who may ask for reviews @throws PratiqueError `config-invalid` */
export function buildBreakGlass(
  file: z.output<typeof breakGlassSchema> | undefined,
  clients: WebhookTlsConfig['clients'],
  places: {
    readonly at: (path: string) => string;
    readonly secret: (
      setting: string,
      source: { readonly file: string | undefined; readonly env: string | undefined },
    ) => string;
    readonly invalid: (setting: string, problem: string) => Error;
  },
): BreakGlassConfig | null {
  if (file === undefined) return null;
  const setting = 'webhook.breakGlass';
  // What is signed rests on the groups that a review names, and anybody who reaches the port can write one.
  if (clients?.names == null) {
    const missing = clients === null ? 'webhook.clientCa and webhook.clientNames' : 'webhook.clientNames';
    throw places.invalid(
      setting,
      `found without ${missing}, allowed where the API server shows a certificate of its own: else whoever reaches the port of the webhook could say that he is a member. Set ${missing} as in docs/webhook-install.md, "API servers that show a certificate", or leave breakGlass out`,
    );
  }
  const secret = places.secret(setting, { file: file.keyFile, env: file.keyEnv });
  if (secret.length < shortestSecret) {
    throw places.invalid(
      setting,
      `the key has ${secret.length} characters, and needs at least ${shortestSecret}`,
    );
  }
  return {
    rules: {
      groups: file.groups,
      longest: parseDuration(file.longest) ?? 0,
      namespace: file.namespace,
      key: signingKey(secret),
    },
    kubeconfig: file.kubeconfig === undefined ? null : places.at(file.kubeconfig),
  };
}
