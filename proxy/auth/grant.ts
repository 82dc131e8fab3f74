import type { Action } from './access.ts';
import type { Holder } from './holder.ts';
import type { RepositoryScope } from './scope.ts';

/**
 * The part of what was asked that a holder may have, by canonical name: never more, and nothing for a name that means
 * no repository here.
 */
export function grantOf(
  asked: readonly RepositoryScope[],
  given: {
    readonly holder: Pick<Holder, 'may'>;
    readonly resolve: (name: string) => string | null;
  },
): RepositoryScope[] {
  const granted = new Map<string, Set<Action>>();
  for (const scope of asked) {
    const name = given.resolve(scope.name);
    if (name === null) continue;
    const allowed = scope.actions.filter((action) => given.holder.may(action, name));
    if (allowed.length === 0) continue;
    const sofar = granted.get(name) ?? new Set();
    for (const action of allowed) sofar.add(action);
    granted.set(name, sofar);
  }
  return [...granted].map(([name, actions]) => ({ name, actions: [...actions] }));
}
