import { caFile, comment, hostOf, isPlain, type NodeFile, type NodeGround } from './node-file.ts';

/**
 * Files for CRI-O, Podman, Skopeo and Buildah (containers-registries.conf(5), containers-policy.json(5),
 * containers-certs.d(5)).
 */
export function crioFiles(ground: NodeGround): NodeFile[] {
  const host = hostOf(ground);
  const rewrites = ground.upstreams.map(
    ({ name, namespace }) => `[[registry]]
prefix = "${namespace}"
location = "${host}/${name}"
${isPlain(ground) ? 'insecure = true\n' : ''}`,
  );
  return [
    ...caFile(ground).map(({ text }) => ({ path: `/etc/containers/certs.d/${host}/ca.crt`, text })),
    {
      path: '/etc/containers/registries.conf.d/999-pratique.conf',
      text: `${comment(
        'Names stay as they are; what is asked is the proxy. location is rewritten, and no [[registry.mirror]] is used: after',
        'any error of a mirror the location is asked, which would be the registry itself.',
        '',
        'Files of this folder are read in the order of their names, and a later one wins for the same prefix. A user without',
        'root reads $HOME/.config/containers/registries.conf instead of these: see docs/bypass.md.',
      )}
${comment('Names without a registry are those of Docker Hub, and nobody else is searched for them.')}
unqualified-search-registries = ["docker.io"]
short-name-mode = "enforcing"

${rewrites.join('\n')}
${comment('The proxy under its own name, for images that are named by it.')}
[[registry]]
prefix = "${host}"
location = "${host}"
${isPlain(ground) ? 'insecure = true\n' : ''}`,
    },
    { path: '/etc/containers/policy.json', text: policyJson(ground) },
  ];
}

/** A registry that is not named is refused here: registries.conf knows no rule for all others. */
function policyJson(ground: NodeGround): string {
  const anything = [{ type: 'insecureAcceptAnything' }];
  const scopes = [...ground.upstreams.map(({ namespace }) => namespace), hostOf(ground)];
  const policy = {
    default: [{ type: 'reject' }],
    transports: { docker: Object.fromEntries(scopes.map((scope) => [scope, anything])) },
  };
  return `${JSON.stringify(policy, null, 2)}\n`;
}
