import type { AskContext, Labels } from '../core/context.ts';
import type { FoundPod } from './images.ts';
import type { AdmissionRequest } from './review.ts';

/**
 * Who asks, as bindings see it. Whoever writes an object chooses its labels and its service account; namespace, user and
 * groups are the API server's own word.
 * @param namespaceLabels null: they could not be read
 */
export function askerOf(
  request: AdmissionRequest,
  found: Pick<FoundPod, 'labels' | 'serviceAccount'>,
  cluster: string | null,
  namespaceLabels: Labels | null,
): AskContext {
  const { namespace } = request;
  return {
    gate: 'admission',
    cluster,
    namespace,
    // What is in no namespace has no labels of one.
    namespaceLabels: namespace === null ? {} : namespaceLabels,
    workloadLabels: found.labels,
    serviceAccount: namespace === null ? null : `${namespace}/${found.serviceAccount ?? 'default'}`,
    user: request.user,
    groups: request.groups,
  };
}
