import { certsFolder } from './containerd.ts';
import { caFile, caPath, hostOf, isPlain, type NodeFile, type NodeGround } from './node-file.ts';

/** Files for dockerd (Docker, "Daemon configuration file", "Registry mirrors", "Verify repository client with certificates"). */
export function dockerFiles(ground: NodeGround): NodeFile[] {
  const host = hostOf(ground);
  const daemon = {
    // With this store dockerd reads hosts.toml, for every registry, and has a server that is not the registry.
    features: { 'containerd-snapshotter': true },
    ...(isPlain(ground) ? { 'insecure-registries': [host] } : {}),
  };
  const ca = caFile(ground);
  return [
    ...ca,
    ...ca.map(({ text }) => ({ path: `/etc/docker/certs.d/${host}/ca.crt`, text })),
    ...ground.upstreams.map(({ namespace }) => ({
      path: `/etc/docker/certs.d/${namespace}/hosts.toml`,
      text: hostsToml(ground, namespace),
    })),
    { path: '/etc/docker/daemon.json', text: `${JSON.stringify(daemon, null, 2)}\n` },
    { path: '/etc/docker/README.pratique', text: readme(ground) },
  ];
}

function hostsToml({ proxy, ca }: NodeGround, namespace: string): string {
  const line = ca === null ? '' : `ca = "${caPath}"\n`;
  return `# Images of ${namespace} come through Pratique. server and [host] are both the proxy, for the same reasons as in
# ${certsFolder} of a containerd node: \`pratique node-config containerd\` says them.
# Read with the containerd image store alone (daemon.json, features.containerd-snapshotter).
server = "${proxy}"
capabilities = ["push"]
${line}
[host."${proxy}"]
  capabilities = ["pull", "resolve"]
${line === '' ? '' : `  ${line}`}`;
}

function readme({ proxy }: NodeGround): string {
  return `WARNING: dockerd alone cannot be kept from going round the proxy.

With the classic image store dockerd knows "registry-mirrors" for Docker Hub alone, and asks Docker Hub itself after
EVERY error of the mirror: a refusal (403), "not yet" (429), a proxy that is away. All other registries are asked
directly. That is why daemon.json here has no "registry-mirrors" and turns on the containerd image store, with which
/etc/docker/certs.d/<registry>/hosts.toml is honoured (Docker Engine 25 and later). Registries that have no folder
there are still asked directly.

What closes it, whichever store there is:
  1. Deny egress from the node to all registries but ${proxy} (docs/bypass.md has rules).
  2. Name images by the proxy: ${new URL(proxy).host}/docker.io/library/nginx.
  3. Keep people from the Docker socket: who may use it is root on the node.

Where a mirror is all there can be (an old dockerd, egress denied): bind a port of the proxy to Docker Hub
(listen.bound in Pratique's configuration) and set "registry-mirrors" to that port.
`;
}
