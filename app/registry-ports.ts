import type { Server } from 'node:http';
import type { Config, Listen } from './config/config.ts';
import type { Ending } from './ending.ts';
import { formatListen } from './listen.ts';

/** One listener of the registry API. */
export interface RegistryPort {
  readonly server: Server;
  /** The one upstream whose repositories are asked for there; null: the first component of a name says which. */
  readonly bound: string | null;
}

export interface RegistryPorts {
  readonly ports: readonly RegistryPort[];
  /** Where `listen.registry` listens. */
  readonly at: Listen | null;
  readonly bound: readonly BoundAt[];
}

/** A host and port, or names, of one upstream, as it came to be. */
export interface BoundAt {
  readonly upstream: string;
  readonly at: Listen | null;
  readonly hosts: readonly string[];
}

/**
 * Opens all listeners of the registry API; what answers on them is attached afterwards.
 * @throws PratiqueError `port-taken`, which names the setting
 */
export async function openRegistryPorts(
  listen: Config['listen'],
  makeServer: () => Server,
  ending: Ending,
): Promise<RegistryPorts> {
  const main = makeServer();
  const at = await ending.open(main, listen.registry, 'registry');
  const ports: RegistryPort[] = [{ server: main, bound: null }];
  const bound: BoundAt[] = [];
  for (const [index, { upstream, hosts, at: where }] of listen.bound.entries()) {
    const server = makeServer();
    bound.push({ upstream, hosts, at: await ending.open(server, where, `bound[${index}].at`) });
    ports.push({ server, bound: upstream });
  }
  return { ports, at, bound };
}

/** Names under which this machine's own clients reach a port. */
export function ownNames(at: Listen | null): string[] {
  if (at === null) return [];
  return [...new Set([formatListen(at), `localhost:${at.port}`, `127.0.0.1:${at.port}`])];
}

/** Every name that stands for one upstream: host → name of the upstream. */
export function boundNames(places: readonly BoundAt[]): Map<string, string> {
  return new Map(
    places.flatMap(({ upstream, at, hosts }) =>
      [...hosts, ...ownNames(at)].map((host): [string, string] => [host, upstream]),
    ),
  );
}
