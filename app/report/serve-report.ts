import type { Config } from '../config/config.ts';
import { formatListen } from '../listen.ts';
import type { RunningServer } from '../server.ts';
import { formatAge } from './table.ts';

/** What is worth knowing of a server that has just started: for the log and for a person alike. */
export interface ServeFacts {
  readonly version: string;
  readonly data: string;
  readonly registry: string | null;
  /** Ports and hosts of one upstream: `127.0.0.1:5001 docker.io`. */
  readonly bound: readonly string[];
  readonly management: string | null;
  readonly webhook: string | null;
  readonly webhookCa: string | null;
  /** With its scheme. */
  readonly harborAdapter: string | null;
  readonly upstreams: readonly string[];
  readonly policy: { readonly name: string; readonly revision: string };
  readonly advisories: {
    readonly revision: string | null;
    /** Of the oldest feed. */
    readonly updatedAt: string | null;
    readonly problem: string | null;
  };
}

export function serveFacts(server: RunningServer, config: Config, version: string): ServeFacts {
  const { advisories } = server;
  const place = (listen: RunningServer['registry']): string | null =>
    listen === null ? null : formatListen(listen);
  return {
    version,
    data: config.data,
    registry: place(server.registry),
    bound: server.bound.flatMap(({ upstream, at, hosts }) =>
      [...(at === null ? [] : [formatListen(at)]), ...hosts].map((name) => `${name} ${upstream}`),
    ),
    management: place(server.management),
    webhook: place(server.webhook),
    webhookCa: server.webhookCa,
    harborAdapter:
      server.harborAdapter === null
        ? null
        : `${config.harborAdapter.tls === null ? 'http' : 'https'}://${formatListen(server.harborAdapter)}`,
    upstreams: config.upstreams.map(({ name }) => name),
    policy: { name: server.policy.name, revision: server.policy.revision },
    advisories: {
      revision: advisories.revision(),
      updatedAt: advisories.feeds.map(({ updatedAt }) => updatedAt).sort()[0] ?? null,
      problem: advisories.problem,
    },
  };
}

/** @param now milliseconds since 1970 */
export function serveText(facts: ServeFacts, now: number): string {
  const { registry, management, webhook, upstreams } = facts;
  const off = 'off';
  return [
    `pratique ${facts.version}, data in ${facts.data}`,
    `  registry    ${registry ?? off} (${upstreams.length} upstreams: ${upstreams.slice(0, 8).join(', ')}${upstreams.length > 8 ? ', …' : ''})`,
    ...facts.bound.map((bound) => `  bound       ${bound}`),
    `  management  ${management === null ? off : `http://${management}`}`,
    `  webhook     ${webhook === null ? off : `https://${webhook}/validate${facts.webhookCa === null ? '' : `, its CA: ${facts.webhookCa}`}`}`,
    `  harbor      ${facts.harborAdapter ?? off}`,
    `  policy      ${facts.policy.name}, revision ${facts.policy.revision}`,
    `  advisories  ${advisoriesText(facts, now)}`,
    'try:',
    ...(registry === null ? [] : [`  docker pull ${registry}/${exampleImage(upstreams)}`]),
    ...(management === null ? [] : [`  curl http://${management}/readyz`]),
  ].join('\n');
}

function advisoriesText({ advisories, data }: ServeFacts, now: number): string {
  if (advisories.revision === null) {
    const why =
      advisories.problem?.startsWith('there are no advisories') === false ? ` (${advisories.problem})` : '';
    return `none: every image is refused until you run: pratique advisories update --data ${data}${why}`;
  }
  const age =
    advisories.updatedAt === null
      ? 'of unknown age'
      : `oldest feed ${formatAge(now - Date.parse(advisories.updatedAt))} old`;
  return `revision ${advisories.revision}, ${age}`;
}

function exampleImage(upstreams: readonly string[]): string {
  return upstreams.includes('docker.io') ? 'docker.io/library/alpine' : `${upstreams[0] ?? 'UPSTREAM'}/IMAGE`;
}
