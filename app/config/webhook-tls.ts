import { z } from 'zod';
import type { TlsFiles } from '../tls-files.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const objectName = 'the name of a Secret';
const namespaceName = 'the name of a namespace';
const subdomain = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Keys below `webhook` that say which certificate it shows, and which it asks for. */
export const webhookTlsShape = {
  certificate: text.optional(),
  key: text.optional(),
  /** Where several replicas keep the certificate that they make themselves. */
  secret: strict({
    name: z.string({ error: objectName }).regex(subdomain, { error: objectName }),
    namespace: z.string({ error: namespaceName }).regex(label, { error: namespaceName }),
    kubeconfig: text.optional(),
  }).optional(),
  clientCa: text.optional(),
  clientNames: z.array(text, { error: 'a list of names' }).min(1, { error: 'at least one name' }).optional(),
};

interface TlsKeys {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly secret?:
    | { readonly name: string; readonly namespace: string; readonly kubeconfig?: string | undefined }
    | undefined;
  readonly clientCa?: string | undefined;
  readonly clientNames?: readonly string[] | undefined;
}

/** What of these keys does not go together, each with what is allowed. */
export const webhookTlsRules: readonly (readonly [fits: (value: TlsKeys) => boolean, error: string])[] = [
  [
    ({ certificate, key }) => (certificate === undefined) === (key === undefined),
    'certificate and key together, or neither',
  ],
  [
    ({ certificate, secret }) => certificate === undefined || secret === undefined,
    'secret, or a certificate and key of your own',
  ],
  [
    ({ clientCa, clientNames }) => clientNames === undefined || clientCa !== undefined,
    'clientNames together with clientCa',
  ],
];

export interface WebhookTlsConfig {
  /** PEM files of an own certificate, which may change; null: it makes its own. */
  readonly tls: TlsFiles | null;
  /** kubeconfig null: from the environment. */
  readonly secret: {
    readonly name: string;
    readonly namespace: string;
    readonly kubeconfig: string | null;
  } | null;
  /** Who may ask for reviews: a PEM file; null: whoever reaches the port. `names` null: whomever the authority has signed. */
  readonly clients: { readonly ca: string; readonly names: readonly string[] | null } | null;
}

export function buildWebhookTls(
  { certificate, key, secret, clientCa, clientNames }: TlsKeys,
  at: (path: string) => string,
): WebhookTlsConfig {
  return {
    tls:
      certificate === undefined || key === undefined ? null : { certificate: at(certificate), key: at(key) },
    secret:
      secret === undefined
        ? null
        : {
            name: secret.name,
            namespace: secret.namespace,
            kubeconfig: secret.kubeconfig === undefined ? null : at(secret.kubeconfig),
          },
    clients: clientCa === undefined ? null : { ca: at(clientCa), names: clientNames ?? null },
  };
}
