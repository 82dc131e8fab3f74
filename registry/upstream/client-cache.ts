import { createHash } from 'node:crypto';
import { createUpstreamClient, type UpstreamClient, type UpstreamConfig } from './client.ts';

/** Clients that may stand idle, with their tokens and pools, before the one that did so longest is closed. */
const mostIdle = 32;

interface Kept {
  readonly client: UpstreamClient;
  users: number;
}

/**
 * Clients by all that their configuration says, credentials included: whoever comes with other credentials gets
 * another client, so no token is ever used for somebody else. One in use is never closed.
 */
export class ClientCache {
  /** In the order of use; the last one was used last. */
  readonly #kept = new Map<string, Kept>();
  readonly #mostIdle: number;
  readonly #create: (config: UpstreamConfig) => UpstreamClient;

  constructor(
    options: {
      readonly mostIdle?: number;
      readonly create?: (config: UpstreamConfig) => UpstreamClient;
    } = {},
  ) {
    this.#mostIdle = options.mostIdle ?? mostIdle;
    this.#create = options.create ?? ((config) => createUpstreamClient(config));
  }

  /** Lends the configuration's client to `work`, for as long as that takes. */
  async use<Value>(config: UpstreamConfig, work: (client: UpstreamClient) => Promise<Value>): Promise<Value> {
    const key = keyOf(config);
    const kept = this.#kept.get(key) ?? { client: this.#create(config), users: 0 };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.users += 1;
    try {
      return await work(kept.client);
    } finally {
      kept.users -= 1;
      await this.#closeIdle();
    }
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#kept].filter(([, { users }]) => users === 0);
    const surplus = idle.slice(0, Math.max(0, idle.length - this.#mostIdle));
    for (const [key] of surplus) this.#kept.delete(key);
    await Promise.all(surplus.map(([, { client }]) => client.close()));
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ client }) => client.close()));
  }
}

/** A digest, so that no map is keyed by secrets. */
function keyOf(config: UpstreamConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('base64');
}
