import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { LRUCache } from 'lru-cache';
import type { Users } from './htpasswd.ts';
import { createSlots } from './slots.ts';
import type { Throttle } from './throttle.ts';
import type { UsersFile } from './users-file.ts';

export type Login =
  | { readonly kind: 'user'; readonly user: string; readonly version: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-long' }
  /** `retryAfter` in seconds. */
  | { readonly kind: 'later'; readonly why: string; readonly retryAfter: number }
  | { readonly kind: 'closed' };

export interface Passwords {
  check(user: string, password: string, address: string): Promise<Login>;
}

/** Bytes; bcrypt reads no more, so that longer passwords with one beginning would be the same. */
const longestPassword = 72;
/** The thread pool that hashes has four threads, and a processor stays with those who are not logging in. */
const hashedAtOnce = Math.max(1, Math.min(2, availableParallelism() - 1));
const mostWaiting = 64;
/** Milliseconds for which a right password is known without hashing. */
const rememberedFor = 60_000;
const mostRemembered = 1000;

/**
 * Checks passwords off the event loop. A try costs the same whether the user exists or not: an unknown one is
 * compared with a hash of the highest cost in the file, which nothing fits.
 * @param options `compare`, `atOnce`: for tests; `now` in milliseconds
 */
export function createPasswords(options: {
  readonly users: UsersFile;
  readonly throttle: Throttle;
  readonly now: () => number;
  readonly atOnce?: number;
  readonly compare?: (password: string, hash: string) => Promise<boolean>;
}): Passwords {
  const { users, throttle, now, atOnce = hashedAtOnce, compare = bcrypt.compare } = options;
  const secret = randomBytes(32);
  const salt = randomBytes(16).toString('hex').slice(0, 21);
  const right = new LRUCache<string, number>({ max: mostRemembered });
  const underWay = new Map<string, Promise<Login>>();
  const slots = createSlots(atOnce, mostWaiting);

  const hash = async (known: Users, user: string, password: string): Promise<Login> => {
    const entry = known.get(user);
    const stand = decoy(known, salt);
    const fits = await compare(password, entry?.hash ?? stand);
    return fits && entry !== undefined ? { kind: 'user', user, version: entry.version } : { kind: 'wrong' };
  };

  return {
    async check(user, password, address) {
      const current = users.current();
      if (!current.open) return { kind: 'closed' };
      // Before what is remembered: a guess must not become free because the user is logged in elsewhere.
      const wait = throttle.wait(user, address);
      if (wait > 0) return later('too many wrong passwords', Math.ceil(wait / 1000));
      if (Buffer.byteLength(password) > longestPassword) return { kind: 'too-long' };
      const entry = current.users.get(user);
      const key = createHmac('sha256', secret)
        .update(JSON.stringify([user, entry?.version ?? '', password]))
        .digest('base64');
      if (entry !== undefined && (right.get(key) ?? 0) > now())
        return { kind: 'user', user, version: entry.version };
      const shared = underWay.get(key);
      if (shared !== undefined) return shared;
      if (slots.full) return later('too many logins at once', 2);
      const forgive = throttle.count(user, address);
      const login = slots.run(() => hash(current.users, user, password));
      underWay.set(key, login);
      try {
        const outcome = await login;
        if (outcome.kind === 'user') {
          forgive();
          right.set(key, now() + rememberedFor);
        }
        return outcome;
      } finally {
        underWay.delete(key);
      }
    },
  };
}

function later(why: string, retryAfter: number): Login {
  return { kind: 'later', why: `${why}: try again in ${retryAfter} s`, retryAfter };
}

/** A hash in shape, made from no password. */
function decoy(users: Users, salt: string): string {
  let cost = 0;
  for (const entry of users.values()) cost = Math.max(cost, entry.cost);
  return `$2b$${String(cost).padStart(2, '0')}$${salt}e${'.'.repeat(31)}`;
}
