import type { IncomingMessage, RequestListener } from 'node:http';
import type { OciError } from '../../registry/oci-error.ts';
import type { Action } from './access.ts';

/**
 * What a request needs. `name` is the repository's one canonical name, `<upstream>/<path>` of its resolved address,
 * so that no spelling of a name (path, `ns`, host) is decided differently. `login`: only valid credentials (`/v2/`).
 * `catalog`: whoever may pull anything at all; of what is listed `Granted.maySee` decides name by name.
 */
export type Need = 'login' | 'catalog' | { readonly name: string; readonly action: Action };

/** What the bearer of a request may do. */
export interface Granted {
  /** null: nobody logged in. */
  readonly user: string | null;
  /** Who counts as having set going what is set going for this request: the user, or where nobody's request is from. */
  readonly puller: string;
  /** Whether the same credentials do for another need, such as a mount's source; `name` is canonical. */
  may(action: Action, name: string): boolean;
  /**
   * Whether a list may tell of a repository: whether who asks could pull from it with some token of his. `name` is
   * canonical.
   */
  maySee(name: string): boolean;
  /** Whether these credentials grant a push to the repository that was asked for. Always false for `login` and `catalog`. */
  readonly viaPushToken: boolean;
}

/** A refusal, with the text of its `WWW-Authenticate` header where it has one. */
export interface AuthRefusal extends OciError {
  readonly wwwAuthenticate?: string;
}

/** Who may do what on the registry port. Tell the two answers of `authorize` apart by `isOciError`. */
export interface Authorization {
  /** Never rejects because of what a client sent. */
  authorize(request: IncomingMessage, need: Need): Promise<Granted | AuthRefusal>;
  /** Answers everything below `/auth/`; null where no users are configured. */
  readonly tokenApp: RequestListener | null;
  /** Why nobody can log in at the moment, as a sentence for `/readyz`; null: all is well. */
  problem(): string | null;
}
