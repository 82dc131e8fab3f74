import { compilePattern, type RepositoryMatcher } from '../../registry/repository-pattern.ts';

/** `admin` brings all the others, and what is managed of a repository beside them. */
export const actions = ['pull', 'push', 'delete', 'admin'] as const;
export type Action = (typeof actions)[number];

/** One line of `auth.access`. What no rule allows is refused; there are no rules that forbid. */
export interface AccessRule {
  /** Names from the users file, `*` for every user who logged in, `anonymous` for everybody. */
  readonly users: readonly string[];
  /** Patterns over canonical repository names, see `compilePattern`. */
  readonly repositories: readonly string[];
  readonly actions: readonly Action[];
}

/** Answers from parsed rules; `user` null is somebody who did not log in. */
export interface Access {
  may(user: string | null, action: Action, name: string): boolean;
  /** Whether somebody who did not log in may do anything at all. */
  readonly servesAnonymous: boolean;
}

/** Words of `users` that name no single user; a users file cannot hold them. */
export const everyUser = '*';
export const anonymous = 'anonymous';

/** Rules that hold where `auth.access` is not given: all users pull everything and push where pushes go. */
export function defaultRules(options: {
  readonly anonymousPull: boolean;
  /** First path components of repositories that take pushes: `hosted`, and upstreams that pushes go through to. */
  readonly pushPrefixes: readonly string[];
}): AccessRule[] {
  const repositories = options.pushPrefixes.map((prefix) => `${prefix}/**`);
  return [
    { users: [options.anonymousPull ? anonymous : everyUser], repositories: ['**'], actions: ['pull'] },
    { users: [everyUser], repositories, actions: ['push', 'delete'] },
  ];
}

interface CompiledRule {
  readonly users: ReadonlySet<string>;
  readonly actions: ReadonlySet<Action>;
  readonly repositories: readonly RepositoryMatcher[];
}

/**
 * @param closed names of upstreams of which nothing is handed to who did not log in, whatever the rules say
 * @throws PratiqueError `config-invalid` for a pattern that is none
 */
export function createAccess(rules: readonly AccessRule[], closed: readonly string[] = []): Access {
  const compiled = rules.map(
    (rule): CompiledRule => ({
      users: new Set(rule.users),
      actions: withAll(rule.actions),
      repositories: rule.repositories.map(compilePattern),
    }),
  );
  const isClosed = (name: string): boolean => closed.some((upstream) => name.startsWith(`${upstream}/`));
  const concerns = (rule: CompiledRule, user: string | null): boolean =>
    rule.users.has(anonymous) || (user !== null && (rule.users.has(everyUser) || rule.users.has(user)));
  return {
    may: (user, action, name) =>
      (user !== null || !isClosed(name)) &&
      compiled.some(
        (rule) =>
          rule.actions.has(action) &&
          concerns(rule, user) &&
          rule.repositories.some((matches) => matches(name)),
      ),
    servesAnonymous: compiled.some((rule) => concerns(rule, null)),
  };
}

/** The actions that these ones bring. */
export function withAll(given: readonly Action[]): ReadonlySet<Action> {
  return new Set(given.includes('admin') ? actions : given);
}
