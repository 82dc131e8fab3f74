import type { TokenRight } from '../../core/ports/access-tokens.ts';
import { compilePattern, isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { type Action, actions, withAll } from './access.ts';

/** Rights that one token may have. */
export const mostRights = 100;

/**
 * Reads `pull:docker.io/**,push:hosted/team/**`.
 * @returns the rights, or what is wrong with the first that cannot be read
 */
export function parseRights(text: string): readonly TokenRight[] | string {
  const parts = text.split(',');
  if (parts.length > mostRights) return `found ${parts.length} rights, allowed at most ${mostRights}`;
  const rights: TokenRight[] = [];
  for (const part of parts) {
    const colon = part.indexOf(':');
    const action = actions.find((known) => known === part.slice(0, Math.max(0, colon)));
    const pattern = part.slice(colon + 1);
    if (action === undefined || !isRepositoryPattern(pattern)) {
      return `found "${part.slice(0, 150)}", allowed ACTION:PATTERN such as pull:docker.io/**, with ${actions.join(', ')} as actions`;
    }
    rights.push({ action, pattern });
  }
  return rights;
}

/**
 * @throws PratiqueError `config-invalid` for a pattern that is none
 */
export function compileRights(rights: readonly TokenRight[]): (action: Action, name: string) => boolean {
  const compiled = rights.map(({ action, pattern }) => ({
    // What another version of this program knew as an action is none here.
    actions: withAll(actions.filter((known) => known === action)),
    fits: compilePattern(pattern),
  }));
  return (action, name) => compiled.some((right) => right.actions.has(action) && right.fits(name));
}
