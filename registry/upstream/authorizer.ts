import { LRUCache } from 'lru-cache';
import { errorText } from '../../core/errors.ts';
import { type Actions, type BearerChallenge, bearerChallenge } from './bearer-realm.ts';
import { parseChallenges } from './challenge.ts';
import type { BasicCredentials, PlainCredentials, UpstreamConfig } from './config.ts';
import { credentialSource } from './credentials.ts';
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
  const source = credentialSource(config.credentials, now);
  let known: PlainCredentials | null | undefined;
  const entries = new LRUCache<string, Entry>({ max: mostEntries });
  const underWay = new Map<string, Promise<string>>();

  /** @throws PratiqueError `upstream-refused` */
  const credentialsNow = (): PlainCredentials | null => {
    const found = currentOf(source.current, asked);
    // What was had for other credentials is theirs.
    if (known !== undefined && known !== found) entries.clear();
    known = found;
    return found;
  };
  const valid = (path: string): Entry | null => {
    const entry = entries.get(path);
    return entry !== undefined && entry.expiresAt > now() ? entry : null;
  };

  /** One question to the realm, however many wait for its answer. */
  const fetchToken = (
    path: string,
    bearer: BearerChallenge,
    credentials: BasicCredentials | null,
  ): Promise<string> => {
    const running = underWay.get(path);
    if (running !== undefined) return running;
    const fetching = askRealm({ ...bearer, credentials })
      .then(({ token, lifetime }) => {
        const authorization = `Bearer ${token}`;
        const milliseconds = lifetime * 1000;
        const expiresAt = now() + Math.max(milliseconds - margin, milliseconds / 2);
        if (known === undefined || known === credentials) {
          entries.set(path, { authorization, expiresAt, bearer });
        }
        return authorization;
      })
      .finally(() => underWay.delete(path));
    underWay.set(path, fetching);
    return fetching;
  };

  return {
    async current(path) {
      const credentials = credentialsNow();
      if (credentials !== null && 'bearer' in credentials) return `Bearer ${credentials.bearer}`;
      const entry = entries.get(path);
      if (entry === undefined) return null;
      if (entry.expiresAt > now() || entry.bearer === null) return entry.authorization;
      return fetchToken(path, entry.bearer, credentials);
    },
    async renew(path, header, rejected) {
      const credentials = credentialsNow();
      if (credentials !== null && 'bearer' in credentials) {
        const own = `Bearer ${credentials.bearer}`;
        // It may have been put into another's place while the request was on its way.
        if (own !== rejected) return own;
        throw refused(asked, 'does not accept the token for it (any more)');
      }
      const entry = valid(path);
      const renewed = entry?.authorization ?? null;
      if (renewed !== null && renewed !== rejected) return renewed;
      const challenges = parseChallenges(header ?? '');
      const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
      if (bearer !== undefined) {
        return fetchToken(path, bearerChallenge(config, bearer, path, actions), credentials);
      }
      if (credentials === null) throw refused(asked, 'wants credentials, and there are none for it');
      const authorization = basicAuthorization(credentials);
      if (!challenges.some((challenge) => challenge.scheme === 'basic')) {
        throw refused(asked, 'wants an authorization that is neither Bearer nor Basic');
      }
      if (rejected === authorization) throw refused(asked, 'does not accept the credentials for it');
      entries.set(path, { authorization, expiresAt: Number.POSITIVE_INFINITY, bearer: null });
      return authorization;
    },
    knows: (path) => isBearer(known) || valid(path) !== null,
    noteOpen(path) {
      if (valid(path) !== null) return;
      entries.set(path, { authorization: null, expiresAt: now() + openFor, bearer: null });
    },
  };
}

function isBearer(credentials: PlainCredentials | null | undefined): boolean {
  return credentials !== null && credentials !== undefined && 'bearer' in credentials;
}

function currentOf(current: () => PlainCredentials | null, asked: Asked): PlainCredentials | null {
  try {
    return current();
  } catch (error) {
    throw refused(asked, `cannot be asked: ${errorText(error)}`);
  }
}
