import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { freePort } from '../../support/free-port.ts';
import { type Background, startProgram } from './background.ts';
import type { Cluster } from './kubernetes.ts';
import { pod } from './kubernetes-objects.ts';

interface Manifest {
  readonly kind: string;
  readonly webhooks?: { clientConfig: { readonly service?: { readonly path?: string } } | object }[];
}

const namespace = 'gatekeeper-system';
const podName = 'gatekeeper-local';
/** As its namespace demands. */
const spec = {
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'manager',
      image: 'local/gatekeeper:none',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};
const custom = new Set(['Namespace', 'CustomResourceDefinition', 'ServiceAccount']);

/**
 * A real Gatekeeper beside a cluster, on loopback: its definitions from its own release manifest, its manager as a program.
 * @param folder of `gatekeeper-manager` and `gatekeeper.yaml`
 * @param flags further ones of its manager
 */
export async function startGatekeeper(
  cluster: Cluster,
  folder: string,
  flags: readonly string[] = [],
): Promise<Background> {
  const certificates = join(cluster.dir, 'gatekeeper', 'certs');
  mkdirSync(certificates, { recursive: true });
  const { cert, key } = cluster.pki.issue('gatekeeper', '/CN=gatekeeper', 'IP:127.0.0.1,DNS:localhost');
  copyFileSync(cert, join(certificates, 'tls.crt'));
  copyFileSync(key, join(certificates, 'tls.key'));
  copyFileSync(cluster.pki.ca, join(certificates, 'ca.crt'));
  const manifests = parseAllDocuments(readFileSync(join(folder, 'gatekeeper.yaml'), 'utf8'))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
  await apply(
    cluster,
    manifests.filter(({ kind }) => custom.has(kind)),
  );
  await cluster.must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  // It looks for its own Pod, to whose name the status of templates is tied.
  await cluster.must(['create', '-f', '-'], pod('local/gatekeeper:none', { name: podName, namespace, spec }));
  const [port, health, metrics] = [await freePort(), await freePort(), await freePort()];
  const running = await startProgram(
    join(folder, 'gatekeeper-manager'),
    [
      '--host=127.0.0.1',
      `--port=${port}`,
      `--health-addr=127.0.0.1:${health}`,
      `--prometheus-port=${metrics}`,
      `--cert-dir=${certificates}`,
      '--disable-cert-rotation',
      `--api-cache-dir=${join(cluster.dir, 'gatekeeper', 'cache')}`,
      `--exempt-namespace=${namespace}`,
      ...['webhook', 'status', 'generate'].map((operation) => `--operation=${operation}`),
      ...flags,
    ],
    () => isReady(`http://127.0.0.1:${health}/readyz`),
    {
      patience: 90_000,
      killAfter: 15_000,
      env: {
        ...process.env,
        KUBECONFIG: cluster.kubeconfig,
        POD_NAME: podName,
        POD_NAMESPACE: namespace,
        NAMESPACE: namespace,
        CONTAINER_NAME: 'manager',
      },
    },
  );
  const caBundle = readFileSync(cluster.pki.ca).toString('base64');
  for (const manifest of manifests) {
    for (const webhook of manifest.webhooks ?? []) {
      const { clientConfig } = webhook;
      const path = 'service' in clientConfig ? (clientConfig.service?.path ?? '') : '';
      webhook.clientConfig = { url: `https://127.0.0.1:${port}${path}`, caBundle };
    }
  }
  await apply(
    cluster,
    manifests.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration'),
  );
  return running;
}

async function apply(cluster: Cluster, items: readonly object[]): Promise<void> {
  await cluster.must(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
