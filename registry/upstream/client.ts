import { createBreaker } from './breaker.ts';
import type { UpstreamConfig } from './config.ts';
import { createLimiter, type Limiter, unlimited } from './limiter.ts';
import { withMirrors } from './mirrored.ts';
import { nobody } from './observer.ts';
import { createPlaceClient } from './place-client.ts';
import type { ClientDependencies, UpstreamClient } from './port.ts';
import { watched } from './watched.ts';

export type { OpenBlob } from './blob-body.ts';
export type { UpstreamConfig } from './config.ts';
export type { ClientDependencies, UpstreamClient } from './port.ts';

/** A client of an upstream and of its mirrors. */
export function createUpstreamClient(
  config: UpstreamConfig,
  dependencies: ClientDependencies = { now: Date.now },
): UpstreamClient {
  const { mirrors = [], ...own } = config;
  const { now, observe = nobody } = dependencies;
  const limiter = dependencies.limiter ?? limiterOf(config);
  const parts = { ...dependencies, observe, limiter };
  const primary = createPlaceClient(own, parts);
  if (mirrors.length === 0) return watched(primary, config.name, observe);
  const client = withMirrors(
    primary,
    mirrors.map(({ tags, ...mirror }) => ({
      url: mirror.url,
      tags,
      // What is pushed goes to the upstream itself: here tokens are for pulls.
      client: createPlaceClient(mirrorConfig(own, mirror), { ...parts, actions: 'pull' }),
      breaker: dependencies.breakerOf?.(mirror.url) ?? createBreaker(now),
    })),
    config,
    observe,
  );
  return watched(client, config.name, observe);
}

export function limiterOf({ name, limits }: UpstreamConfig): Limiter {
  return limits === undefined ? unlimited : createLimiter(name, limits);
}

/** Nothing that says who one is goes from the upstream to a mirror: that has its own, or none. */
function mirrorConfig(
  { name, namespace, timeouts, leastPace, repositories, proxies }: UpstreamConfig,
  mirror: Pick<UpstreamConfig, 'url' | 'credentials'> & Partial<UpstreamConfig>,
): UpstreamConfig {
  return {
    name,
    namespace,
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(leastPace === undefined ? {} : { leastPace }),
    ...(repositories === undefined ? {} : { repositories }),
    ...(proxies === undefined ? {} : { proxies }),
    ...mirror,
  };
}
