import type { KubeConfig } from '@kubernetes/client-node';
import { errorText, PratiqueError } from '../core/errors.ts';

/** Where the client library looks when it has found nothing: an API server that nobody named. */
const madeUp = 'http://localhost:8080';

/**
 * How to reach the API server. The client library is loaded here and not before: it is large, and most servers
 * never need it.
 * @param file a kubeconfig file; null: `KUBECONFIG`, `~/.kube/config`, or the Pod's own service account
 * @throws PratiqueError `config-invalid`
 */
export async function loadKubeConfig(file: string | null): Promise<KubeConfig> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    if (file === null) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    const what = file === null ? 'the kubeconfig of the environment' : `the kubeconfig ${file}`;
    throw new PratiqueError(
      'config-invalid',
      `webhook.register: ${what} cannot be read: ${errorText(error)}`,
      { kubeconfig: file },
      error,
    );
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new PratiqueError(
      'config-invalid',
      `webhook.register: the kubeconfig ${file ?? 'of the environment'} has no cluster for its current context "${config.getCurrentContext() ?? ''}"; set one with kubectl config use-context`,
      { kubeconfig: file },
    );
  }
  if (file === null && cluster.server === madeUp) {
    throw new PratiqueError(
      'config-invalid',
      'webhook.register: no cluster was found: run inside one with a service account token, or set KUBECONFIG or webhook.register.kubeconfig',
      { kubeconfig: null },
    );
  }
  return config;
}
