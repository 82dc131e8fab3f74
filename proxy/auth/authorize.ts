import type { Logger } from '../../core/ports/logger.ts';
import { ociError } from '../../registry/oci-error.ts';
import type { Authorization } from './authorization.ts';
import type { AuthSettings } from './settings.ts';

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
  if (options.auth === null) return withoutUsers;
  return withoutUsers;
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
