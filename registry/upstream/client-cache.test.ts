import { describe, expect, it } from '@jest/globals';
import type { UpstreamClient } from './client.ts';
import { ClientCache } from './client-cache.ts';
import type { Credentials, UpstreamConfig } from './config.ts';

function world(mostIdle: number) {
  const made: Credentials[] = [];
  const closed: Credentials[] = [];
  const cache = new ClientCache({
    mostIdle,
    create: ({ credentials }) => {
      if (credentials === null) throw new Error('every row has credentials');
      made.push(credentials);
      const client: Pick<UpstreamClient, 'close'> = {
        close: () => {
          closed.push(credentials);
          return Promise.resolve();
        },
      };
      return client as UpstreamClient;
    },
  });
  return { cache, made, closed };
}

const robot = (password: string): UpstreamConfig => ({
  name: 'harbor:h',
  namespace: 'h',
  url: 'https://h',
  credentials: { username: 'robot', password },
});
const nothing = (): Promise<void> => Promise.resolve();

describe('clients that are kept', () => {
  it('serve the same configuration again, and never other credentials', async () => {
    const { cache, made } = world(8);
    for (const password of ['a', 'b', 'a', 'b']) await cache.use(robot(password), nothing);
    expect(made).toEqual([robot('a').credentials, robot('b').credentials]);
  });

  it('are closed when too many stand idle, the one first that did so longest', async () => {
    const { cache, closed } = world(2);
    for (const password of ['a', 'b', 'a', 'c', 'd']) await cache.use(robot(password), nothing);
    expect(closed).toEqual([robot('b').credentials, robot('a').credentials]);
  });

  it('are not closed in use', async () => {
    const { cache, closed } = world(0);
    let release = nothing as () => void;
    const using = cache.use(robot('a'), () => new Promise<void>((resolve) => (release = resolve)));
    await cache.use(robot('b'), nothing);
    expect(closed).toEqual([robot('b').credentials]);
    release();
    await using;
    expect(closed).toEqual([robot('b').credentials, robot('a').credentials]);
  });

  it('are given back when the work fails', async () => {
    const { cache, closed } = world(0);
    await expect(cache.use(robot('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(closed).toHaveLength(1);
  });
});
