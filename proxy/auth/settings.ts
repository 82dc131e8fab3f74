import type { AccessRule } from './access.ts';

/** `auth` of the configuration, read and checked. */
export interface AuthSettings {
  /** An htpasswd file with bcrypt lines. */
  readonly users: string;
  /** Whether who did not log in may pull; says nothing where `access` is given. */
  readonly anonymousPull: boolean;
  /** Absolute URL of the token endpoint as clients see it; null: made from the hosts of the registry port. */
  readonly realm: string | null;
  /** The service that tokens are for. */
  readonly service: string;
  /** null: `defaultRules`. */
  readonly access: readonly AccessRule[] | null;
}
