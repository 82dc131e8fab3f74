/** The parts of `pratique --help` that Commander does not write. */
export const summary = `Pratique stands between container registries and Kubernetes clusters: nothing is served that was not inspected, and nothing runs that it has not cleared, but for what a policy set excepts.`;

export const afterHelp = `
Examples:
  pratique advisories update                        fetch the advisories; without them every image is refused
  pratique advisories rollback                      the advisories before these, and no scheduled update for now
  pratique advisories export oci://registry.corp.example/advisories:latest    for sites without a network
  pratique serve                                    registry proxy, management API and admission webhook
  docker pull 127.0.0.1:5000/docker.io/library/alpine
  pratique scan alpine:3.20                         the same judgement, without the proxy
  pratique scan oci:./image --format json
  pratique scan docker-archive:app.tar --format sarif --output app.sarif
  pratique verdict docker.io/library/alpine:3.20    what the proxy says of an image it has seen
  pratique warm docker.io/library/alpine:3.20       fetched and inspected before anyone asks
  pratique policy check policy.yaml
  pratique policy diff current policy.yaml          which recorded images would be judged otherwise, running ones first
  pratique policy explain alpine:3.20 --namespace web    which binding and rules decide, and why
  pratique exception add --help                     let one advisory through until a day
  pratique token create --name ci --rights pull:docker.io/**    what a program logs in with
  pratique cache status                             what lies in the store, and whose it is
  pratique cache prune --older-than 30d --dry-run   what would go, were it pruned
  pratique node-config containerd --out node        files with which nodes pull through the proxy alone
  pratique report newly-bad --since 2026-11-01      what was let through and is refused, running images first
  pratique report advisory --advisory CVE-2026-1234 who has an advisory
  pratique events status                            what receivers of events have not got yet
  pratique harbor register --help                   how a Harbor gets Pratique as its scanner
  pratique webhook install                          the admission webhook, in audit: everything is let in
  pratique webhook status                           what of all that runs would be refused
  pratique webhook enforce                          from now on it is
  pratique webhook running                          what runs and went bad, since when, and the fix
  pratique webhook break-glass --help               nothing refused for an hour, for one namespace, with a reason
  pratique doctor                                   which set-ups can be looked at for the usual mistakes

Ports of serve, on 127.0.0.1 unless the configuration says otherwise:
  5000  registry: pull as 127.0.0.1:5000/<upstream>/<repository>
  5080  management: /healthz, /readyz, /metrics, /api/v1 (described by /api/openapi.json)
  5090  Harbor's scanner API: /api/v1
  8443  admission webhook (HTTPS): POST /validate, /audit, /mutate, and /image-policy, /gatekeeper where configured
  off   listen.gates (HTTPS), for webhooks that run on their own: --roles webhook

Exit codes:
  0  pass or warn, or let through by a binding's mode; done
  1  fail: the policy denies the image, or one that runs in the cluster; a policy's own test failed
  2  usage or configuration: something to correct
  3  no verdict: pending, error, or not to be had; a cluster's webhook that is not reached

All state lies in one folder: --data DIR, else "data" in the configuration, else ./pratique-data.`;
