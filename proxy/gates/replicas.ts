import { LRUCache } from 'lru-cache';

/** A replica as the proxy sees it. */
export interface ReplicaSeen {
  readonly cluster: string;
  /** As it calls itself, else the address that it asks from. */
  readonly replica: string;
  /** Changes that it has not read. */
  readonly behind: number;
  /** ISO 8601: when it has asked for changes last. */
  readonly seenAt: string;
}

interface Seen {
  readonly cluster: string;
  readonly replica: string;
  readonly cursor: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const mostReplicas = 200;
/** Milliseconds after which one that has asked for nothing is no replica of ours any more. */
const forgottenAfter = 600_000;
const replicaName = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$/;

/** Which replicas follow, and how far they have got. */
export class Replicas {
  readonly #seen = new LRUCache<string, Seen>({ max: mostReplicas });
  readonly #now: () => number;
  #last = 0;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param cursor after which it asks @param last the newest one then */
  asked(cluster: string, replica: string, cursor: number, last: number): void {
    this.#seen.set(`${cluster} ${replica}`, { cluster, replica, cursor, at: this.#now() });
    // Records that were restored begin at less.
    this.#last = last;
  }

  list(): readonly ReplicaSeen[] {
    const oldest = this.#now() - forgottenAfter;
    return [...this.#seen.values()]
      .filter(({ at }) => at >= oldest)
      .map(({ cluster, replica, cursor, at }) => ({
        cluster,
        replica,
        behind: Math.max(0, this.#last - cursor),
        seenAt: new Date(at).toISOString(),
      }))
      .sort((a, b) => (`${a.cluster} ${a.replica}` < `${b.cluster} ${b.replica}` ? -1 : 1));
  }
}

/** @param name header `Pratique-Replica` @param address of the connection */
export function nameOfReplica(name: string | undefined, address: string | undefined): string {
  return name !== undefined && replicaName.test(name) ? name : (address ?? 'unknown');
}
