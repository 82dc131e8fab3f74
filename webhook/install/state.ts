import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import type { ClusterAnswer, ClusterClient } from '../cluster/client.ts';
import { type Asked, failureOf } from '../cluster/failure.ts';
import {
  authorityAnnotation,
  byCommand,
  kindsAnnotation,
  type Manifest,
  type Mode,
  managedBy,
  mutateAnnotation,
  type Place,
  validatingWebhook,
} from './manifests.ts';
import { clusterRules, type Rule, ruleOf, ruleSchema, rulesBeside } from './rules.ts';
import { readNotedKinds, type SentKind } from './sent-kinds.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const resources = {
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
} as const;
type Kind = keyof typeof resources;
/** Who owns what the command line applies (server-side apply). */
const fieldManager = 'pratique-cli';

const texts = z.record(z.string(), z.string()).nullish();
const configurationSchema = z.object({
  metadata: z.object({ name: z.string(), labels: texts, annotations: texts }),
  webhooks: z
    .array(
      z.object({
        name: z.string(),
        failurePolicy: z.string().nullish(),
        rules: z.array(ruleSchema).nullish(),
        clientConfig: z.object({
          url: z.string().nullish(),
          caBundle: z.string().nullish(),
          service: z
            .object({
              namespace: z.string(),
              name: z.string(),
              port: z.number().nullish(),
              path: z.string().nullish(),
            })
            .nullish(),
        }),
        namespaceSelector: z
          .object({
            matchExpressions: z
              .array(
                z.object({
                  key: z.string(),
                  operator: z.string(),
                  values: z.array(z.string()).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/** What is in the cluster of one configuration. */
export interface Installed {
  readonly name: string;
  /** The label; null: none. */
  readonly managedBy: string | null;
  /** null: it asks neither /audit nor /validate. */
  readonly mode: Mode | null;
  readonly failurePolicy: string;
  readonly place: Place;
  readonly excluded: readonly string[];
  /** PEM; null: none is entered. */
  readonly ca: string | null;
  /** The same where it was given by hand: what is applied without it takes it out. */
  readonly givenCa: string | null;
  readonly mutate: boolean;
  /** Beside the cluster's own kinds, as the command line has noted them. */
  readonly kinds: readonly SentKind[];
  /** Rules beside those of the cluster's kinds and of these. */
  readonly rules: readonly Rule[];
}

/**
 * The validating configuration of this name; null: there is none.
 * @throws PratiqueError as `ClusterClient.call`, and `config-invalid` for missing rights
 */
export async function readInstalled(client: ClusterClient, name: string): Promise<Installed | null> {
  const answer = await client.call({ method: 'GET', path: pathOf('ValidatingWebhookConfiguration', name) });
  if (answer.status === 404) return null;
  const body = checked(answer, askedOf('ValidatingWebhookConfiguration', name, 'read', ['get']));
  const result = configurationSchema.safeParse(body);
  const webhook = result.data?.webhooks?.find((one) => one.name === validatingWebhook);
  if (!result.success || webhook === undefined) {
    throw new PratiqueError(
      'config-invalid',
      `the ValidatingWebhookConfiguration "${name}" has no webhook ${validatingWebhook}, so it is not of this version's making: remove it with kubectl delete validatingwebhookconfiguration ${name}, or take another --name`,
      { configuration: name },
    );
  }
  const { metadata } = result.data;
  const { clientConfig } = webhook;
  const selector = webhook.namespaceSelector?.matchExpressions ?? [];
  const bundle = clientConfig.caBundle ?? '';
  const ca = bundle === '' ? null : Buffer.from(bundle, 'base64').toString('utf8');
  const text = metadata.annotations?.[kindsAnnotation] ?? '';
  const kinds = text === '' ? [] : readNotedKinds(text, kindsAnnotation, name);
  return {
    name,
    managedBy: metadata.labels?.[managedBy] ?? null,
    ...placeOf(clientConfig),
    failurePolicy: webhook.failurePolicy ?? 'Fail',
    excluded: selector
      .filter(({ key, operator }) => key === 'kubernetes.io/metadata.name' && operator === 'NotIn')
      .flatMap(({ values }) => values ?? []),
    ca,
    givenCa: metadata.annotations?.[authorityAnnotation] === 'given' ? ca : null,
    mutate: metadata.annotations?.[mutateAnnotation] === 'true',
    kinds,
    rules: rulesBeside(webhook.rules ?? [], [...clusterRules, ...kinds.map(ruleOf)]),
  };
}

interface ClientConfig {
  readonly url?: string | null | undefined;
  readonly service?:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly port?: number | null | undefined;
        readonly path?: string | null | undefined;
      }
    | null
    | undefined;
}

function placeOf({ url, service }: ClientConfig): Pick<Installed, 'place' | 'mode'> {
  if (service != null) {
    const { namespace, name, port } = service;
    return {
      place: { kind: 'service', namespace, name, port: port ?? 443 },
      mode: modeOf(service.path ?? ''),
    };
  }
  const parsed = new URL(url ?? 'https://unknown');
  return { place: { kind: 'url', url: parsed.origin }, mode: modeOf(parsed.pathname) };
}

function modeOf(path: string): Mode | null {
  if (path === '/audit') return 'audit';
  return path === '/validate' ? 'enforce' : null;
}

/**
 * Makes a configuration what the manifest says, and leaves to others what it does not name: `serve` enters the caBundle.
 * @param force takes over what another one has applied
 * @throws PratiqueError `config-invalid` where somebody else has applied it, or for missing rights; as `ClusterClient.call`
 */
export async function applyManifest(
  client: ClusterClient,
  manifest: Manifest,
  force: boolean,
): Promise<void> {
  const { kind, metadata } = manifest;
  const answer = await client.call({
    method: 'PATCH',
    path: pathOf(kind, metadata.name),
    query: { fieldManager, force: String(force) },
    type: 'application/apply-patch+yaml',
    body: manifest,
  });
  if (answer.status === 409) {
    throw new PratiqueError(
      'config-invalid',
      `the ${kind} "${metadata.name}" was applied by somebody else, such as Helm (${wordsOf(answer)}); change it there (webhook.mode of the chart), or take it over with --take-over`,
      { configuration: metadata.name },
    );
  }
  checked(answer, askedOf(kind, metadata.name, 'create and patch', ['get', 'create', 'patch']));
}

/** @returns whether there was one @throws PratiqueError as above */
export async function removeConfiguration(client: ClusterClient, kind: Kind, name: string): Promise<boolean> {
  const answer = await client.call({ method: 'DELETE', path: pathOf(kind, name) });
  if (answer.status === 404) return false;
  checked(answer, askedOf(kind, name, 'delete', ['get', 'delete']));
  return true;
}

/** The label of who has made it; undefined: it is not there. @throws PratiqueError as above */
export async function managerOf(
  client: ClusterClient,
  kind: Kind,
  name: string,
): Promise<string | null | undefined> {
  const answer = await client.call({ method: 'GET', path: pathOf(kind, name) });
  if (answer.status === 404) return undefined;
  const body = checked(answer, askedOf(kind, name, 'read', ['get']));
  const result = configurationSchema.safeParse(body);
  return result.data?.metadata.labels?.[managedBy] ?? null;
}

export function isOurs(manager: string | null | undefined): boolean {
  return manager === byCommand;
}

function pathOf(kind: Kind, name: string): string {
  return `${group}/${resources[kind]}/${encodeURIComponent(name)}`;
}

function checked(answer: ClusterAnswer, asked: Asked): unknown {
  if (answer.status >= 400) throw failureOf(answer, asked);
  return answer.body;
}

function askedOf(kind: Kind, name: string, verb: string, verbs: readonly string[]): Asked {
  return {
    verb,
    what: `the ${kind} "${name}"`,
    rule: { group: 'admissionregistration.k8s.io', resource: resources[kind], name: null, verbs },
    setting: '--kubeconfig',
    missing: 'run pratique webhook install',
    fields: { configuration: name },
  };
}

function wordsOf({ body }: ClusterAnswer): string {
  const message: unknown =
    typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return String(message).replace(/\s+/g, ' ').slice(0, 300);
}
