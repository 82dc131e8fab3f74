import type { Access, Action } from './access.ts';
import type { KnownToken, KnownTokens } from './known-tokens.ts';
import type { UsersFile } from './users-file.ts';

/** Who stands behind credentials, and what he may at this moment. */
export interface Holder {
  /** What pushes and bindings know him by; null: nobody logged in. */
  readonly user: string | null;
  /** Changes where a bearer token from before is not good any more. */
  readonly version: string;
  /** Id of the access token that he came with; null: with a password, or with nothing. */
  readonly token: string | null;
  may(action: Action, name: string): boolean;
}

/** Why there is no holder any more behind what was good before. */
export type HolderGone = 'closed' | 'changed';

/** Holders as the users file, the rules and the access tokens of this moment make them. */
export interface Holders {
  readonly nobody: Holder;
  ofUser(user: string, version: string): Holder;
  /** @returns `closed` or `changed` where its user is not there, or nobody can be known at the moment */
  ofToken(token: KnownToken): Holder | HolderGone;
  /** The one whom a bearer token names, if nothing has changed since it was made. */
  again(content: Pick<Holder, 'user' | 'version' | 'token'>): Holder | HolderGone;
}

/** A robot is no user: a name in the users file has no colon, and so is never a robot's. */
export function robotName(name: string): string {
  return `token:${name}`;
}

export function createHolders(parts: {
  readonly users: UsersFile;
  readonly access: Access;
  readonly tokens: KnownTokens;
}): Holders {
  const { users, access, tokens } = parts;
  const nobody: Holder = {
    user: null,
    version: '',
    token: null,
    may: (action, name) => access.may(null, action, name),
  };
  const ofUser = (user: string, version: string): Holder => ({
    user,
    version,
    token: null,
    may: (action, name) => access.may(user, action, name),
  });
  const ofToken = (token: KnownToken): Holder | HolderGone => {
    const { id, name, user, may } = token;
    if (user === null) return { user: robotName(name), version: id, token: id, may };
    const current = users.current();
    if (!current.open) return 'closed';
    if (!current.users.has(user)) return 'changed';
    return {
      user,
      version: id,
      token: id,
      may: (action, repository) => may(action, repository) && access.may(user, action, repository),
    };
  };
  return {
    nobody,
    ofUser,
    ofToken,
    again({ user, version, token }) {
      if (token !== null) {
        const known = tokens.byId(token);
        if (known === 'closed') return 'closed';
        const holder = known === null ? 'changed' : ofToken(known);
        return typeof holder === 'string' || holder.user === user ? holder : 'changed';
      }
      if (user === null) return nobody;
      const current = users.current();
      if (!current.open) return 'closed';
      return current.users.get(user)?.version === version ? ofUser(user, version) : 'changed';
    },
  };
}
