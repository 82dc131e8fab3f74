import { blocked, judgedMark, probeAnnotation, wouldRefuse } from '../audit.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { failureOf, messageOf } from '../cluster/failure.ts';
import type { Mode } from './manifests.ts';

/** What an image would be asked as. */
export interface Probe {
  readonly namespace: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** null: the namespace's default. */
  readonly serviceAccount: string | null;
}

export type Probed =
  | { readonly kind: 'passes' }
  /** `mode`: whether it is refused now, or would be. */
  | { readonly kind: 'refused'; readonly mode: Mode; readonly why: string }
  /** The API server did not hear the webhook, or somebody else was in the way. */
  | { readonly kind: 'unheard'; readonly why: string };

/** No reference, so every policy refuses it. */
const impossible = 'https://pratique.invalid/probe';

/**
 * Has the API server ask the webhook about an image, by a template that is made as a dry run: nothing is stored, and no
 * Pod comes of it. So it is asked the way that it will be, with the certificate checked by whom it is for.
 * @throws PratiqueError as `ClusterClient.call`, `config-invalid` for missing rights
 */
export async function probe(client: ClusterClient, asked: Probe, milliseconds: number): Promise<Probed> {
  const { namespace, image, labels, serviceAccount } = asked;
  const answer = await client.call({
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/podtemplates`,
    query: { dryRun: 'All' },
    milliseconds,
    body: {
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'pratique-probe', annotations: { [probeAnnotation]: 'true' } },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'probe', image }],
          ...(serviceAccount === null ? {} : { serviceAccountName: serviceAccount }),
        },
      },
    },
  });
  const { status, body, warnings } = answer;
  if (status < 300) {
    const refused = warnings.find((text) => text.startsWith(wouldRefuse));
    if (refused !== undefined) {
      return { kind: 'refused', mode: 'audit', why: withoutPlace(refused.slice(wouldRefuse.length)) };
    }
    if (warnings.includes(judgedMark)) return { kind: 'passes' };
    return {
      kind: 'unheard',
      why: 'the API server let the question in without an answer of the webhook, which is not reached, or not trusted',
    };
  }
  const message = messageOf(body);
  const denied = message.indexOf(`${blocked}: `);
  if (denied >= 0) {
    return {
      kind: 'refused',
      mode: 'enforce',
      why: withoutPlace(message.slice(denied + blocked.length + 2)),
    };
  }
  if (status === 401 || (status === 403 && !message.includes('admission webhook'))) {
    throw failureOf(answer, {
      verb: 'make a dry run of',
      what: `a PodTemplate in the namespace "${namespace}"`,
      rule: { group: '', resource: 'podtemplates', name: null, verbs: ['create'] },
      setting: '--kubeconfig',
      missing: 'the namespace may have gone meanwhile',
    });
  }
  return { kind: 'unheard', why: message === '' ? `the API server answered ${status}` : message };
}

/** Whether the API server reaches the webhook, by an image that every policy refuses. */
export async function reach(client: ClusterClient, namespace: string, milliseconds: number): Promise<Probed> {
  const asked = { namespace, image: impossible, labels: {}, serviceAccount: null };
  return await probe(client, asked, milliseconds);
}

/** `container "probe": ` says nothing to anybody. */
function withoutPlace(text: string): string {
  return text.replace(/^container "probe": /, '');
}
