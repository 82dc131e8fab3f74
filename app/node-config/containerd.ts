import { caFile, caPath, comment, type NodeFile, type NodeGround } from './node-file.ts';

export const certsFolder = '/etc/containerd/certs.d';

/**
 * Files for containerd 1.6 and later (containerd, `docs/hosts.md`). All versions take one form. Tried on 1.6.20: a file
 * with `server` alone is passed over, and the registry itself is asked; with `server` beside an equal `[host]` every
 * wait and refusal comes twice, unless `server` says that it neither resolves nor pulls.
 */
export function containerdFiles(ground: NodeGround): NodeFile[] {
  const unknown = comment(
    'Every registry that is not named by a folder beside this one. The proxy refuses what it has no upstream for',
    '(404 NAME_UNKNOWN). Without this file containerd would ask such a registry itself.',
  );
  return [
    ...caFile(ground),
    ...ground.upstreams.map(({ namespace }) => ({
      path: `${certsFolder}/${folderOf(namespace)}/hosts.toml`,
      text: hostsToml(ground, comment(`Images of ${namespace} come through Pratique, and no other way.`)),
    })),
    { path: `${certsFolder}/_default/hosts.toml`, text: hostsToml(ground, unknown) },
    { path: '/etc/containerd/config.toml.pratique', text: configPart() },
  ];
}

/** A colon stands in no folder's name everywhere: containerd looks for `host_port_` too. */
function folderOf(namespace: string): string {
  const colon = namespace.lastIndexOf(':');
  return colon < 0 ? namespace : `${namespace.slice(0, colon)}_${namespace.slice(colon + 1)}_`;
}

function hostsToml(ground: NodeGround, why: string): string {
  const { proxy, ca } = ground;
  const caLine = ca === null ? '' : `ca = "${caPath}"\n`;
  return `${why}
${comment(
  '',
  'server is what containerd asks last, after every [host]. It has to be the proxy as well: with any other server, a',
  'refusal (403), a 404 or a 429 of the proxy sends containerd to that one. Its capabilities keep it from being asked',
  'the same question again. A file that cannot be read counts as none: keep it valid TOML, and owned by root.',
)}
server = "${proxy}"
capabilities = ["push"]
${caLine}
[host."${proxy}"]
  capabilities = ["pull", "resolve"]
${ca === null ? '' : `  ${caLine}`}`;
}

function configPart(): string {
  return `${comment(
    'To be merged into /etc/containerd/config.toml; restart containerd afterwards. Without config_path CRI does not look',
    `at ${certsFolder} at all. registry.mirrors and registry.configs must be gone: together with config_path CRI does not start.`,
    'ctr looks there only with --hosts-dir; whoever may run ctr is root on the node (docs/bypass.md).',
    '',
    'containerd 1.6 and 1.7, and 2.x with a file of version 2:',
  )}
version = 2

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${certsFolder}"

${comment('containerd 2.x (`containerd config migrate` writes version 3); take this instead of the part above:', 'version = 3', '', `[plugins."io.containerd.cri.v1.images".registry]`, `  config_path = "${certsFolder}"`)}
`;
}
