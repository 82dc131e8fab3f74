import { isPratiqueError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { type Breaker, createBreaker } from '../registry/upstream/breaker.ts';
import { createUpstreamClient, limiterOf, type UpstreamClient } from '../registry/upstream/client.ts';
import type { UpstreamConfig } from '../registry/upstream/config.ts';
import type { Limiter } from '../registry/upstream/limiter.ts';
import type { UpstreamObserver } from '../registry/upstream/observer.ts';

/** The configured upstreams, and what all threads that ask them have in common. */
export interface UpstreamSet {
  /** By the upstream's name. */
  readonly clients: ReadonlyMap<string, UpstreamClient>;
  client(name: string): UpstreamClient;
  /** A further client, whose requests count like those of the others. */
  pushClient(config: UpstreamConfig): UpstreamClient;
  /**
   * Runs a download in another thread, which asks the upstream with a client of its own. It waits for its turn here, because
   * limits are of the process; and where it was given bytes that are none, the upstream itself is asked once more.
   */
  apart<Value>(name: string, work: (config: UpstreamConfig) => Promise<Value>): Promise<Value>;
  /** Told of what other threads have seen. */
  readonly observe: UpstreamObserver;
  readonly load: () => ReadonlyMap<string, Limiter['load']>;
  close(): Promise<void>;
}

export function createUpstreams(
  configs: readonly UpstreamConfig[],
  tell: UpstreamObserver,
  now: () => number,
): UpstreamSet {
  const byName = new Map(configs.map((config) => [config.name, config]));
  const limiters = new Map(configs.map((config) => [config.name, limiterOf(config)]));
  const breakers = new Map<string, Breaker>();
  const breakerOf = (url: string): Breaker => {
    const known = breakers.get(url) ?? createBreaker(now);
    breakers.set(url, known);
    return known;
  };
  const of = <Value>(map: ReadonlyMap<string, Value>, name: string): Value => {
    const value = map.get(name);
    if (value === undefined) throw new Error(`no upstream is named ${name}`);
    return value;
  };
  const clientOf = (config: UpstreamConfig, actions: 'pull' | 'pull,push,delete'): UpstreamClient =>
    createUpstreamClient(config, {
      now,
      actions,
      limiter: of(limiters, config.name),
      observe: tell,
      breakerOf,
    });
  const clients = new Map(configs.map((config) => [config.name, clientOf(config, 'pull')]));

  const once = async <Value>(
    config: UpstreamConfig,
    work: (config: UpstreamConfig) => Promise<Value>,
  ): Promise<Value> => {
    const limiter = of(limiters, config.name);
    const leave = await limiter.enter();
    try {
      return await work(config);
    } finally {
      leave();
      // Its requests were counted as the thread told of them.
      limiter.charge(-1);
    }
  };

  /** null: the place is none of the upstream's mirrors. */
  const mirrorBreaker = ({ upstream, place }: { readonly upstream: string; readonly place: string }) => {
    const mirrors = byName.get(upstream)?.mirrors ?? [];
    const mirror = mirrors.find(({ url }) => new URL(url).host === place);
    return mirror === undefined ? null : breakerOf(mirror.url);
  };

  return {
    clients,
    client: (name) => of(clients, name),
    pushClient: (config) => clientOf(config, 'pull,push,delete'),
    async apart(name, work) {
      const config = of(byName, name);
      const mirrors = (config.mirrors ?? []).filter(({ url }) => breakerOf(url).mayTry());
      try {
        return await once({ ...config, mirrors }, work);
      } catch (error) {
        if (mirrors.length === 0 || !isPratiqueError(error) || error.code !== 'digest-mismatch') throw error;
        return once({ ...config, mirrors: [] }, work);
      }
    },
    observe: (event) => {
      if (event.kind === 'answered') limiters.get(event.upstream)?.charge(1);
      if (event.kind === 'cooling') mirrorBreaker(event)?.failed(event.seconds);
      // A thread is given only mirrors that may be tried, so its answer is the end of a rest here as well.
      if (event.kind === 'answered' && event.outcome === 'ok') mirrorBreaker(event)?.succeeded();
      tell(event);
    },
    load: () =>
      new Map(
        configs
          .filter(({ limits }) => limits !== undefined)
          .map(({ name }) => [name, of(limiters, name).load]),
      ),
    close: async () => {
      for (const client of clients.values()) await client.close();
    },
  };
}

/** The platforms of an index that have a say, where an upstream has its own. */
export function platformsBy(
  upstreams: readonly UpstreamConfig[],
  all: readonly Platform[],
): (address: RepositoryAddress) => readonly Platform[] {
  const own = new Map(upstreams.map(({ name, platforms = all }) => [name, platforms]));
  return ({ upstream }) => own.get(upstream) ?? all;
}
