import { LRUCache } from 'lru-cache';

/** How many passwords may be tried in a window. */
export interface ThrottleLimits {
  /** Milliseconds. */
  readonly window: number;
  /** For one user from one address. */
  readonly perUser: number;
  /** For all users from one address. */
  readonly perAddress: number;
}

export const defaultThrottleLimits: ThrottleLimits = { window: 60_000, perUser: 10, perAddress: 100 };

/** Counts tries that failed, and those that are not decided yet. */
export interface Throttle {
  /** Milliseconds until this user may try again from this address; 0: at once. */
  wait(user: string, address: string): number;
  /** Counts a try; call what it gives back when the try turns out right. */
  count(user: string, address: string): () => void;
}

const mostRemembered = 20_000;

interface Tally {
  count: number;
  readonly until: number;
}

/** @param now milliseconds */
export function createThrottle(limits: ThrottleLimits, now: () => number): Throttle {
  const tallies = new LRUCache<string, Tally>({ max: mostRemembered });
  const tallyOf = (key: string): Tally => {
    const found = tallies.get(key);
    if (found !== undefined && found.until > now()) return found;
    const fresh = { count: 0, until: now() + limits.window };
    tallies.set(key, fresh);
    return fresh;
  };
  const waitOf = (key: string, most: number): number => {
    const tally = tallies.get(key);
    return tally === undefined || tally.count < most ? 0 : Math.max(0, tally.until - now());
  };
  const keysOf = (user: string, address: string): readonly [string, string] => {
    const network = networkOf(address);
    return [`${network} ${user}`, network];
  };
  return {
    wait(user, address) {
      const [pair, network] = keysOf(user, address);
      return Math.max(waitOf(pair, limits.perUser), waitOf(network, limits.perAddress));
    },
    count(user, address) {
      const counted = keysOf(user, address).map(tallyOf);
      for (const tally of counted) tally.count += 1;
      return () => {
        for (const tally of counted) tally.count -= 1;
      };
    },
  };
}

/** An IPv6 host has a whole /64 of addresses to try from, so they count as one. */
export function networkOf(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=[0-9]+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(middle).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
