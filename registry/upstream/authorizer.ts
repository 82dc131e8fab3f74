import { LRUCache } from 'lru-cache';
import { type Actions, type BearerChallenge, bearerChallenge } from './bearer-realm.ts';
import { parseChallenges } from './challenge.ts';
import type { UpstreamConfig } from './config.ts';
import { type Asked, refused } from './failures.ts';
import { basicAuthorization, type RealmClient } from './realm.ts';

/** The `Authorization` for each repository of one upstream, learnt from the upstream's challenges. */
export interface Authorizer {
  /** What to send; null: nothing, as far as is known. Renews what has expired. */
  current(path: string): Promise<string | null>;
  /**
   * After a 401.
   * @param header the answer's `WWW-Authenticate`
   * @param rejected what was sent
   * @throws PratiqueError `upstream-refused` when there is nothing (more) to send; those of the realm
   */
  renew(path: string, header: string | null, rejected: string | null): Promise<string>;
  /** Whether `current` speaks from knowledge. */
  knows(path: string): boolean;
  /** The upstream answered without any authorization. */
  noteOpen(path: string): void;
}

interface Entry {
  readonly authorization: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** How to get the next one. */
  readonly bearer: BearerChallenge | null;
}

/** Repositories. */
const mostEntries = 10_000;
/** Milliseconds for which "needs none" is believed. */
const openFor = 60_000;
/** Milliseconds: a token is not used in its last moments, in which it may expire on the way. */
const margin = 5_000;

export function createAuthorizer(
  config: UpstreamConfig,
  askRealm: RealmClient,
  now: () => number,
  actions: Actions = 'pull',
): Authorizer {
  const asked = { upstream: config.name, url: new URL(config.url) };
  const { credentials } = config;
  if (credentials !== null && 'bearer' in credentials)
    return sendAlways(`Bearer ${credentials.bearer}`, asked);
  const entries = new LRUCache<string, Entry>({ max: mostEntries });
  const underWay = new Map<string, Promise<string>>();

  const valid = (path: string): Entry | null => {
    const entry = entries.get(path);
    return entry !== undefined && entry.expiresAt > now() ? entry : null;
  };

  /** One question to the realm, however many wait for its answer. */
  const fetchToken = (path: string, bearer: BearerChallenge): Promise<string> => {
    const running = underWay.get(path);
    if (running !== undefined) return running;
    const fetching = askRealm({ ...bearer, credentials })
      .then(({ token, lifetime }) => {
        const authorization = `Bearer ${token}`;
        const milliseconds = lifetime * 1000;
        const expiresAt = now() + Math.max(milliseconds - margin, milliseconds / 2);
        entries.set(path, { authorization, expiresAt, bearer });
        return authorization;
      })
      .finally(() => underWay.delete(path));
    underWay.set(path, fetching);
    return fetching;
  };

  return {
    async current(path) {
      const entry = entries.get(path);
      if (entry === undefined) return null;
      if (entry.expiresAt > now() || entry.bearer === null) return entry.authorization;
      return fetchToken(path, entry.bearer);
    },
    renew(path, header, rejected) {
      const entry = valid(path);
      const renewed = entry?.authorization ?? null;
      if (renewed !== null && renewed !== rejected) return Promise.resolve(renewed);
      const challenges = parseChallenges(header ?? '');
      const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
      if (bearer !== undefined) return fetchToken(path, bearerChallenge(config, bearer, path, actions));
      if (credentials === null) throw refused(asked, 'wants credentials, and there are none for it');
      const authorization = basicAuthorization(credentials);
      if (!challenges.some((challenge) => challenge.scheme === 'basic')) {
        throw refused(asked, 'wants an authorization that is neither Bearer nor Basic');
      }
      if (rejected === authorization) throw refused(asked, 'does not accept the credentials for it');
      entries.set(path, { authorization, expiresAt: Number.POSITIVE_INFINITY, bearer: null });
      return Promise.resolve(authorization);
    },
    knows: (path) => valid(path) !== null,
    noteOpen(path) {
      if (valid(path) !== null) return;
      entries.set(path, { authorization: null, expiresAt: now() + openFor, bearer: null });
    },
  };
}

/** A token that somebody else has fetched: there is no other where it is refused. */
function sendAlways(authorization: string, asked: Asked): Authorizer {
  return {
    current: () => Promise.resolve(authorization),
    renew: () => Promise.reject(refused(asked, 'does not accept the token for it (any more)')),
    knows: () => true,
    noteOpen: () => undefined,
  };
}
