import { stringify } from 'yaml';
import { caFile, caPath, comment, hostOf, type NodeFile, type NodeGround } from './node-file.ts';

/** Files for K3s and, in /etc/rancher/rke2, RKE2 (K3s, "Private Registry Configuration"; `pkg/agent/containerd/config.go`). */
export function k3sFiles(ground: NodeGround): NodeFile[] {
  const mirror = { endpoint: [ground.proxy] };
  const names = ground.upstreams.map(({ namespace }) => namespace);
  const registries = {
    mirrors: Object.fromEntries([...names, '*'].map((name) => [name, mirror])),
    ...(ground.ca === null ? {} : { configs: { [hostOf(ground)]: { tls: { ca_file: caPath } } } }),
  };
  return [
    ...caFile(ground),
    {
      path: '/etc/rancher/k3s/registries.yaml',
      text: `${comment(
        'K3s writes hosts.toml files from this, in which the registry itself comes last, and is asked after every refusal,',
        'unless K3s runs with disable-default-registry-endpoint: config.yaml.d/pratique.yaml beside this file sets it, on',
        'servers and agents. It goes back to January 2024 (v1.26.13, v1.27.10, v1.28.6, v1.29.1); older ones fall back.',
        'An entry below configs for one of the registries brings its default endpoint back: have none but for the proxy.',
        '',
        '"*" is every registry that is not named; the proxy refuses what it has no upstream for. No rewrites are needed:',
        'containerd tells the proxy the registry (?ns=). The embedded registry mirror (Spegel) hands images from node to node',
        'past the proxy: leave embedded-registry off, or see docs/bypass.md.',
      )}
${stringify(registries)}`,
    },
    {
      path: '/etc/rancher/k3s/config.yaml.d/pratique.yaml',
      text: `${comment('Closes the way to the registry itself. Restart K3s afterwards, on every node.')}
disable-default-registry-endpoint: true
`,
    },
  ];
}
