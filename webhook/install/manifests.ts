import { PratiqueError } from '../../core/errors.ts';
import { clusterRules, type Rule, ruleOf } from './rules.ts';
import { notedKinds, type SentKind } from './sent-kinds.ts';

/** Whether the API server acts on what the webhook says, or is only told what it would say. */
export type Mode = 'audit' | 'enforce';

/** Where the API server finds the webhook. */
export type Place =
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly port: number }
  | { readonly kind: 'url'; readonly url: string };

/** What is wanted in the cluster. */
export interface Wanted {
  /** Of both configurations. */
  readonly name: string;
  readonly mode: Mode;
  readonly place: Place;
  /** Namespaces whose objects are not sent, sorted. */
  readonly excluded: readonly string[];
  /** PEM of the authority; null: `serve` enters it (`webhook.register`), or it is a public one. */
  readonly ca: string | null;
  /** Whether images are pinned and rewritten by a mutating webhook, too; the server's `webhook.mutate` says how. */
  readonly mutate: boolean;
  /** Sent beside the cluster's own kinds. */
  readonly kinds: readonly SentKind[];
  /** Rules that others have added, and that stay. */
  readonly rules: readonly Rule[];
}

export const managedBy = 'app.kubernetes.io/managed-by';
/** The value of that label on what the command line installs. */
export const byCommand = 'pratique-cli';
export const modeLabel = 'pratique.dev/mode';
/** On the validating configuration: that `enforce` adds the mutating one. */
export const mutateAnnotation = 'pratique.dev/mutate';
/** On the validating configuration: the kinds of `webhook.kinds` that are sent, and where they name images. */
export const kindsAnnotation = 'pratique.dev/kinds';
/** On the validating configuration: its authority was given by hand (`install --ca`), so the command line applies it each time. */
export const authorityAnnotation = 'pratique.dev/authority';
export const validatingWebhook = 'images.pratique.dev';
export const mutatingWebhook = 'mutate.pratique.dev';

/** Seconds. In audit nobody should wait for the webhook; where it enforces, an unknown image is vetted meanwhile. */
const auditSeconds = 5;
const enforceSeconds = 15;
/** It may be asked twice, before the other one: all of it has to fit into the 34 s that the API server has for a request. */
const mutateSeconds = 5;

export interface Manifest {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly webhooks: readonly object[];
}

/** The configuration that judges; there in both modes. */
export function validatingManifest(wanted: Wanted): Manifest {
  const enforces = wanted.mode === 'enforce';
  const head = headOf(wanted, 'ValidatingWebhookConfiguration');
  const annotations = {
    ...head.metadata.annotations,
    ...(wanted.ca === null ? {} : { [authorityAnnotation]: 'given' }),
  };
  return {
    ...head,
    metadata: { ...head.metadata, annotations },
    webhooks: [
      {
        name: validatingWebhook,
        ...commonOf(wanted, enforces ? '/validate' : '/audit'),
        matchPolicy: 'Equivalent',
        rules: rulesOf(wanted),
        failurePolicy: enforces ? 'Fail' : 'Ignore',
        timeoutSeconds: enforces ? enforceSeconds : auditSeconds,
      },
    ],
  };
}

/**
 * The configuration that pins and rewrites; there where the other one refuses what it is not asked about, and so does this one:
 * what it missed would run by a tag that somebody may move after it was judged.
 */
export function mutatingManifest(wanted: Wanted): Manifest {
  return {
    ...headOf(wanted, 'MutatingWebhookConfiguration'),
    webhooks: [
      {
        name: mutatingWebhook,
        ...commonOf(wanted, '/mutate'),
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'IfNeeded',
        rules: rulesOf(wanted),
        failurePolicy: 'Fail',
        timeoutSeconds: mutateSeconds,
      },
    ],
  };
}

function rulesOf({ kinds, rules }: Wanted): readonly Rule[] {
  return [...clusterRules, ...kinds.map(ruleOf), ...rules];
}

function headOf({ name, mode, mutate, kinds }: Wanted, kind: Manifest['kind']): Omit<Manifest, 'webhooks'> {
  const labels = {
    'app.kubernetes.io/name': 'pratique',
    'app.kubernetes.io/component': 'webhook',
    [managedBy]: byCommand,
    [modeLabel]: mode,
  };
  const annotations = {
    [mutateAnnotation]: String(mutate),
    ...(kinds.length === 0 ? {} : { [kindsAnnotation]: notedKinds(kinds) }),
  };
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name, labels, annotations } };
}

function commonOf({ place, ca, excluded }: Wanted, path: string): object {
  const where =
    place.kind === 'service'
      ? { service: { namespace: place.namespace, name: place.name, port: place.port, path } }
      : { url: `${place.url}${path}` };
  return {
    admissionReviewVersions: ['v1'],
    clientConfig: {
      ...where,
      ...(ca === null ? {} : { caBundle: Buffer.from(ca, 'utf8').toString('base64') }),
    },
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...excluded] }],
    },
    sideEffects: 'None',
  };
}

/** `[NAMESPACE/]NAME[:PORT]`. @throws PratiqueError `usage-invalid` */
export function parseService(text: string, namespace: string): Place {
  const match = /^(?:([a-z0-9-]{1,63})\/)?([a-z0-9-]{1,63})(?::([1-9][0-9]{0,4}))?$/.exec(text);
  const port = Number(match?.[3] ?? 443);
  if (match === null || port > 65_535) {
    throw new PratiqueError(
      'usage-invalid',
      `--service: found "${text}", allowed [NAMESPACE/]NAME[:PORT], such as pratique/pratique-webhook:443`,
    );
  }
  return { kind: 'service', namespace: match[1] ?? namespace, name: match[2] ?? '', port };
}

/** An address of the webhook itself, without a path. @throws PratiqueError `usage-invalid` */
export function parseUrl(text: string): Place {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url === null || url.protocol !== 'https:' || !plain || url.username !== '' || url.password !== '') {
    throw new PratiqueError(
      'usage-invalid',
      `--url: found "${text}", allowed https://HOST[:PORT] without a path: the API server asks /audit and /validate there`,
    );
  }
  return { kind: 'url', url: `https://${url.host}` };
}
