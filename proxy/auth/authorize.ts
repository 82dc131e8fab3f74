import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../core/ports/logger.ts';
import { isOciError, ociError } from '../../registry/oci-error.ts';
import { type Action, createAccess, defaultRules } from './access.ts';
import type { Authorization, AuthRefusal, Granted, Need } from './authorization.ts';
import { type Challenges, createChallenges, type TokenError } from './challenge.ts';
import { parseAuthorization } from './credentials.ts';
import { createHolders, type Holder, type Holders } from './holder.ts';
import { isSecret, type KnownTokens } from './known-tokens.ts';
import { createLoginGate, type LoginGate, loginsClosed } from './login-gate.ts';
import { createPasswords } from './passwords.ts';
import type { AuthSettings } from './settings.ts';
import { openSigningKeys } from './signing-keys.ts';
import { createThrottle, defaultThrottleLimits, networkOf } from './throttle.ts';
import { createTokenApp } from './token.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { openUsersFile } from './users-file.ts';

export interface AuthorizationOptions {
  /** null: no users are configured. */
  readonly auth: AuthSettings | null;
  /** Hosts (with port) by which clients know the registry port. The first is named to who asks for another. */
  readonly hosts: readonly string[];
  /** First path components of repositories that take pushes: `hosted`, and upstreams that pushes go through to. */
  readonly pushPrefixes: readonly string[];
  /**
   * The canonical name of a repository as a path of this proxy spells it; null where there is none. `below`: the
   * upstream whose host or port the name was spelled for.
   */
  readonly resolve: (name: string, below: string | null) => string | null;
  /** The upstream to which the host or port is bound that was asked. */
  readonly boundTo: (request: IncomingMessage) => string | null;
  /** Names of upstreams of which nothing is handed to who did not log in. */
  readonly closed: readonly string[];
  /** File with the keys that bearer tokens are signed with; made where it is missing, in a folder that is there. */
  readonly keyFile: string;
  readonly accessTokens: KnownTokens;
  /** Whether the registry port speaks TLS. */
  readonly tls: boolean;
  /** Where a request comes from, as limits and logs count it. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * @throws PratiqueError `config-invalid` where the users file cannot be read, `data-unusable` where the keys cannot
 */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { auth, logger, now, resolve, addressOf } = options;
  if (auth === null) return withoutUsers(addressOf);
  const users = openUsersFile({ path: auth.users, logger, now });
  const access = createAccess(
    auth.access ?? defaultRules({ anonymousPull: auth.anonymousPull, pushPrefixes: options.pushPrefixes }),
    options.closed,
  );
  const keys = openSigningKeys({ file: options.keyFile, now, logger });
  const tokens = createTokens({ keys, service: auth.service, now });
  const holders = createHolders({ users, access, tokens: options.accessTokens });
  const throttle = createThrottle(defaultThrottleLimits, now);
  const passwords = createPasswords({ users, throttle, now });
  const logins = createLoginGate({ passwords, tokens: options.accessTokens, holders });
  const { realm, service } = auth;
  const challenges = createChallenges({
    realm,
    service,
    hosts: options.hosts,
    tls: options.tls,
    boundTo: options.boundTo,
  });
  const parts = { tokens, logins, holders, challenges, addressOf, open: access.servesAnonymous };
  return {
    tokenApp: createTokenApp({
      service,
      open: access.servesAnonymous,
      nobody: holders.nobody,
      logins,
      tokens,
      keys,
      resolve,
      addressOf,
      logger,
    }),
    problem() {
      const current = users.current();
      return current.open ? null : current.why;
    },
    authorize: (request, need) => decide(parts, request, need),
  };
}

interface Parts {
  readonly tokens: Tokens;
  readonly logins: LoginGate;
  readonly holders: Holders;
  readonly challenges: Challenges;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Whether anything is open to who did not log in. */
  readonly open: boolean;
}

async function decide(parts: Parts, request: IncomingMessage, need: Need): Promise<Granted | AuthRefusal> {
  const { challenges, holders, logins } = parts;
  const challenge = (message: string, code: TokenError['code'] | null): AuthRefusal => ({
    ...ociError('UNAUTHORIZED', message),
    wwwAuthenticate: challenges.for(request, need, code === null ? null : { code, description: message }),
  });
  const granted = (holder: Holder, may: Granted['may']): Granted =>
    grant(holder, need, may, parts.addressOf(request));
  const direct = (login: Holder | AuthRefusal): Granted | AuthRefusal => {
    if (isOciError(login)) return login.status === 401 ? challenge(login.message, null) : login;
    return isSubject(need) && !login.may(need.action, need.name)
      ? denied(login, need)
      : granted(login, login.may);
  };
  const credentials = parseAuthorization(request.headers.authorization);
  switch (credentials.kind) {
    case 'none': {
      const { nobody } = holders;
      // `/v2/` asks for credentials although pulls are open: it is how `docker login` finds the token endpoint.
      const isOpen = isSubject(need) ? nobody.may(need.action, need.name) : need === 'catalog' && parts.open;
      return isOpen ? granted(nobody, nobody.may) : challenge('log in first', null);
    }
    case 'invalid':
      return challenge(credentials.why, null);
    case 'basic':
      return direct(await logins.check(credentials, parts.addressOf(request)));
    case 'bearer': {
      if (isSecret(credentials.token)) return direct(logins.withSecret(credentials.token));
      const token = await parts.tokens.verify(credentials.token);
      if (token === null) return challenge('the token is not valid, or not any more', 'invalid_token');
      const holder = holders.again(token);
      if (holder === 'closed') return loginsClosed;
      if (holder === 'changed')
        return challenge(
          'the user, the password or the access token has changed since the login',
          'invalid_token',
        );
      // What is open to who shows no token at all is open to every token, whatever it was asked for: a mount's
      // source is named by no challenge.
      const isOpen = (action: Action, name: string): boolean =>
        action === 'pull' && holders.nobody.may(action, name);
      const may = (action: Action, name: string): boolean =>
        isOpen(action, name) || (token.grants.get(name)?.has(action) === true && holder.may(action, name));
      if (need === 'login' || (isSubject(need) && may(need.action, need.name))) return granted(holder, may);
      if (need === 'catalog') {
        return token.lists
          ? granted(holder, may)
          : challenge('the token does not allow to list the catalog', 'insufficient_scope');
      }
      // No other token of this user would do, so a challenge would send the client round in a circle.
      if (holder.user !== null && !holder.may(need.action, need.name)) return denied(holder, need);
      return challenge(
        `the token does not allow to ${need.action} ${need.name}${holder.user === null ? ': log in first' : ''}`,
        'insufficient_scope',
      );
    }
  }
}

type Subject = Exclude<Need, string>;

function isSubject(need: Need): need is Subject {
  return typeof need !== 'string';
}

function grant(holder: Holder, need: Need, may: Granted['may'], address: string): Granted {
  const { user } = holder;
  return {
    user,
    puller: pullerOf(user, address),
    may,
    maySee: (name) => holder.may('pull', name),
    viaPushToken: isSubject(need) && user !== null && may('push', need.name),
  };
}

function denied({ user, token }: Holder, need: Subject): AuthRefusal {
  const by = token === null ? 'auth.access' : 'auth.access, and the rights of the access token';
  return ociError('DENIED', `${user ?? 'nobody'} may not ${need.action} ${need.name} (${by})`);
}

/** Everybody from one address who did not log in is one: nothing else tells them apart. */
function pullerOf(user: string | null, address: string): string {
  return user === null ? `from ${networkOf(address)}` : `user ${user}`;
}

/** Pulls are open to everybody and nobody can push. */
function withoutUsers(addressOf: (request: IncomingMessage) => string): Authorization {
  return {
    tokenApp: null,
    problem: () => null,
    authorize(request, need) {
      if (!isSubject(need) || need.action === 'pull') {
        const may = (action: string): boolean => action === 'pull';
        const puller = pullerOf(null, addressOf(request));
        return Promise.resolve({ user: null, puller, may, maySee: () => true, viaPushToken: false });
      }
      return Promise.resolve(
        ociError('DENIED', `nobody may ${need.action} here: no users are configured (auth.users)`),
      );
    },
  };
}
