import { type OciError, ociError } from '../../registry/oci-error.ts';
import type { Holder, HolderGone, Holders } from './holder.ts';
import { isSecret, type KnownTokens } from './known-tokens.ts';
import type { Passwords } from './passwords.ts';

/** Checks what somebody logs in with, a user's password or an access token, and words the refusal. */
export interface LoginGate {
  check(
    credentials: { readonly user: string; readonly password: string },
    address: string,
  ): Promise<Holder | OciError>;
  /** The same for the secret of an access token alone. */
  withSecret(secret: string): Holder | OciError;
}

/** Logins are closed, whatever the password: 403, since clients take 5xx for a reason to go to another mirror. */
export const loginsClosed = ociError(
  'DENIED',
  'nobody can log in at the moment: the users file cannot be read, see /readyz and the log',
);
const tokensClosed = ociError(
  'DENIED',
  'no access token can be used at the moment: they cannot be read, see /readyz and the log',
);
const noToken = ociError('UNAUTHORIZED', 'the access token is not valid, or not any more');

export function createLoginGate(parts: {
  readonly passwords: Passwords;
  readonly tokens: KnownTokens;
  readonly holders: Holders;
}): LoginGate {
  const { passwords, tokens, holders } = parts;
  const withSecret = (secret: string, name: string | null): Holder | OciError => {
    const token = tokens.bySecret(secret);
    if (token === 'closed') return tokensClosed;
    if (token === null || (name !== null && name !== token.name && name !== token.user)) return noToken;
    const holder = holders.ofToken(token);
    return typeof holder === 'string' ? goneAnswer(holder) : holder;
  };
  return {
    withSecret: (secret) => withSecret(secret, null),
    async check({ user, password }, address) {
      if (isSecret(password)) return withSecret(password, user);
      const login = await passwords.check(user, password, address);
      switch (login.kind) {
        case 'user':
          return holders.ofUser(login.user, login.version);
        case 'wrong':
          return ociError('UNAUTHORIZED', 'unknown user or wrong password');
        case 'too-long':
          return ociError(
            'UNAUTHORIZED',
            'a password of more than 72 bytes is refused: bcrypt reads no more',
          );
        case 'later':
          return { ...ociError('TOOMANYREQUESTS', login.why), retryAfter: login.retryAfter };
        case 'closed':
          return loginsClosed;
      }
    },
  };
}

function goneAnswer(gone: HolderGone): OciError {
  return gone === 'closed' ? loginsClosed : noToken;
}
