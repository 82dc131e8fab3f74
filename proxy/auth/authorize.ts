import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../core/ports/logger.ts';
import { isOciError, ociError } from '../../registry/oci-error.ts';
import { type Access, type Action, createAccess, defaultRules } from './access.ts';
import type { Authorization, AuthRefusal, Granted, Need } from './authorization.ts';
import { type Challenges, createChallenges } from './challenge.ts';
import { parseAuthorization } from './credentials.ts';
import { createLoginGate, type LoginGate, loginsClosed } from './login-gate.ts';
import { createPasswords } from './passwords.ts';
import type { AuthSettings } from './settings.ts';
import { createThrottle, defaultThrottleLimits } from './throttle.ts';
import { createTokenApp } from './token.ts';
import { ensureTokenKey } from './token-key.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { openUsersFile, type UsersFile } from './users-file.ts';

export interface AuthorizationOptions {
  /** null: no users are configured. */
  readonly auth: AuthSettings | null;
  /** Hosts (with port) by which clients know the registry port. The first is named to who asks for another. */
  readonly hosts: readonly string[];
  /** First path components of repositories that take pushes: `hosted`, and upstreams that pushes go through to. */
  readonly pushPrefixes: readonly string[];
  /** The canonical name of a repository as a path of this proxy spells it; null where there is none. */
  readonly resolve: (name: string) => string | null;
  /** File with the key that tokens are signed with; made where it is missing, in a folder that is there. */
  readonly keyFile: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * @throws PratiqueError `config-invalid` where the users file cannot be read, `data-unusable` where the key cannot
 */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { auth, logger, now, resolve } = options;
  if (auth === null) return withoutUsers;
  const users = openUsersFile({ path: auth.users, logger, now });
  const access = createAccess(
    auth.access ?? defaultRules({ anonymousPull: auth.anonymousPull, pushPrefixes: options.pushPrefixes }),
  );
  const tokens = createTokens({ key: ensureTokenKey(options.keyFile), service: auth.service, now });
  const throttle = createThrottle(defaultThrottleLimits, now);
  const logins = createLoginGate(createPasswords({ users, throttle, now }));
  const challenges = createChallenges({ realm: auth.realm, service: auth.service, hosts: options.hosts });
  return {
    tokenApp: createTokenApp({ service: auth.service, access, logins, tokens, resolve, logger }),
    problem() {
      const current = users.current();
      return current.open ? null : current.why;
    },
    authorize: (request, need) => decide({ users, access, tokens, logins, challenges }, request, need),
  };
}

interface Parts {
  readonly users: UsersFile;
  readonly access: Access;
  readonly tokens: Tokens;
  readonly logins: LoginGate;
  readonly challenges: Challenges;
}

async function decide(parts: Parts, request: IncomingMessage, need: Need): Promise<Granted | AuthRefusal> {
  const { access, challenges } = parts;
  const challenge = (message: string, error: 'insufficient_scope' | 'invalid_token' | null): AuthRefusal => ({
    ...ociError('UNAUTHORIZED', message),
    wwwAuthenticate: challenges.for(request, need, error),
  });
  const credentials = parseAuthorization(request.headers.authorization);
  switch (credentials.kind) {
    case 'none':
      // `/v2/` asks for credentials although pulls are open: it is how `docker login` finds the token endpoint.
      return need !== 'login' && access.may(null, need.action, need.name)
        ? granted(null, need, (action, name) => access.may(null, action, name))
        : challenge('log in first', null);
    case 'invalid':
      return challenge(credentials.why, null);
    case 'basic': {
      const login = await parts.logins.check(credentials, request.socket.remoteAddress ?? '');
      if (isOciError(login)) return login.status === 401 ? challenge(login.message, null) : login;
      const { user } = login;
      if (need !== 'login' && !access.may(user, need.action, need.name)) return denied(user, need);
      return granted(user, need, (action, name) => access.may(user, action, name));
    }
    case 'bearer': {
      const token = await parts.tokens.verify(credentials.token);
      if (token === null) return challenge('the token is not valid, or not any more', 'invalid_token');
      const { user, grants } = token;
      if (user !== null) {
        const current = parts.users.current();
        if (!current.open) return loginsClosed;
        if (current.users.get(user)?.version !== token.version)
          return challenge('the user or the password has changed since the login', 'invalid_token');
      }
      const may = (action: Action, name: string): boolean =>
        grants.get(name)?.has(action) === true && access.may(user, action, name);
      if (need === 'login' || may(need.action, need.name)) return granted(user, need, may);
      // No other token of this user would do, so a challenge would send the client round in a circle.
      if (user !== null && !access.may(user, need.action, need.name)) return denied(user, need);
      return challenge(
        `the token does not allow to ${need.action} ${need.name}${user === null ? ': log in first' : ''}`,
        'insufficient_scope',
      );
    }
  }
}

function granted(user: string | null, need: Need, may: Granted['may']): Granted {
  return { user, may, viaPushToken: need !== 'login' && user !== null && may('push', need.name) };
}

function denied(user: string, need: Exclude<Need, 'login'>): AuthRefusal {
  return ociError('DENIED', `${user} may not ${need.action} ${need.name} (auth.access)`);
}

/** Pulls are open to everybody and nobody can push. */
const withoutUsers: Authorization = {
  tokenApp: null,
  problem: () => null,
  authorize(_request, need) {
    if (need === 'login' || need.action === 'pull') {
      const may = (action: string): boolean => action === 'pull';
      return Promise.resolve({ user: null, may, viaPushToken: false });
    }
    return Promise.resolve(
      ociError('DENIED', `nobody may ${need.action} here: no users are configured (auth.users)`),
    );
  },
};
