import type { KubeConfig } from '@kubernetes/client-node';
import { errorText, PratiqueError } from '../core/errors.ts';

/** Where the client library looks when it has found nothing: an API server that nobody named. */
const madeUp = 'http://localhost:8080';

/** Settings that need the API server, and where each names a kubeconfig file. */
const fileSetting = {
  'webhook.register': 'webhook.register.kubeconfig',
  'webhook.kubeconfig': 'webhook.kubeconfig',
  'webhook.running': 'webhook.running.kubeconfig',
  'webhook.breakGlass': 'webhook.breakGlass.kubeconfig',
  'webhook.secret': 'KUBECONFIG',
  'pratique webhook': '--kubeconfig',
} as const;
export type KubeSetting = keyof typeof fileSetting;

/**
 * How to reach the API server. The client library is loaded here and not before: it is large, and most servers
 * never need it.
 * @param file a kubeconfig file; null: `KUBECONFIG`, `~/.kube/config`, or the Pod's own service account
 * @param setting of the configuration that needs it, for messages
 * @param context null: the current one of the file
 * @throws PratiqueError `config-invalid`
 */
export async function loadKubeConfig(
  file: string | null,
  setting: KubeSetting = 'webhook.register',
  context: string | null = null,
): Promise<KubeConfig> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    if (file === null) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    const what = file === null ? 'the kubeconfig of the environment' : `the kubeconfig ${file}`;
    throw new PratiqueError(
      'config-invalid',
      `${setting}: ${what} cannot be read: ${errorText(error)}`,
      { kubeconfig: file },
      error,
    );
  }
  if (context !== null) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new PratiqueError(
      'config-invalid',
      `${setting}: the kubeconfig ${file ?? 'of the environment'} has no cluster for its current context "${config.getCurrentContext() ?? ''}"; set one with kubectl config use-context`,
      { kubeconfig: file },
    );
  }
  if (file === null && cluster.server === madeUp) {
    throw new PratiqueError(
      'config-invalid',
      `${setting}: no cluster was found: run inside one with a service account token, or set ${[...new Set(['KUBECONFIG', fileSetting[setting]])].join(' or ')}`,
      { kubeconfig: null },
    );
  }
  return config;
}
