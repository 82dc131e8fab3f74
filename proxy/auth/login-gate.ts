import { type OciError, ociError } from '../../registry/oci-error.ts';
import type { Passwords } from './passwords.ts';

export interface LoggedIn {
  readonly user: string;
  readonly version: string;
}

/** Checks a user's password and words the refusal. */
export interface LoginGate {
  check(
    credentials: { readonly user: string; readonly password: string },
    address: string,
  ): Promise<LoggedIn | OciError>;
}

/** Logins are closed, whatever the password: 403, since clients take 5xx for a reason to go to another mirror. */
export const loginsClosed = ociError(
  'DENIED',
  'nobody can log in at the moment: the users file cannot be read, see /readyz and the log',
);

export function createLoginGate(passwords: Passwords): LoginGate {
  return {
    async check({ user, password }, address) {
      const login = await passwords.check(user, password, address);
      switch (login.kind) {
        case 'user':
          return { user: login.user, version: login.version };
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
