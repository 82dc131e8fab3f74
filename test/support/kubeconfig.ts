import { writeFileSync } from 'node:fs';

/** Writes a kubeconfig of one cluster, whose certificate nobody looks at, and one user with a token. */
export function writeKubeconfig(file: string, server: string, token: string): void {
  writeFileSync(
    file,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
}
