import { repositoryPathPattern } from '../../core/reference.ts';
import { type OciError, ociError } from '../../registry/oci-error.ts';
import { type Action, actions } from './access.ts';

/** One repository and what is asked for it; the name is as the client spells it. */
export interface RepositoryScope {
  readonly name: string;
  readonly actions: readonly Action[];
}

/** Everything that one request for a token asks for. */
export interface AskedScopes {
  readonly repositories: readonly RepositoryScope[];
  /** Whether the catalog is to be listed: `registry:catalog:*`. */
  readonly lists: boolean;
}

/** Scopes in one request for a token. */
const mostScopes = 50;
/** Characters of all scopes together: a token that holds them all fits into a header. */
const longestScopes = 4096;
const longestName = 255;
const classPattern = /^[a-z0-9]+(?:\([a-z0-9]+\))?$/;
const actionsPattern = /^(?:[a-z]+|\*)(?:,(?:[a-z]+|\*))*$/;

/**
 * Reads `scope` parameters (Docker's token specification, "Token Scope"), several in one parameter being parted by
 * spaces. What is well put and not offered here (other types, other actions) is left out, since a grant is a subset of
 * what was asked; what is badly put is refused.
 */
export function parseScopes(parameters: readonly string[]): AskedScopes | OciError {
  const length = parameters.reduce((sum, parameter) => sum + parameter.length + 1, 0);
  if (length > longestScopes) return refuse(`the scopes have more than ${longestScopes} characters`);
  const texts = parameters.flatMap((parameter) => parameter.split(' ')).filter((text) => text !== '');
  if (texts.length > mostScopes) return refuse(`there are more than ${mostScopes} scopes`);
  const repositories: RepositoryScope[] = [];
  let lists = false;
  for (const text of texts) {
    const scope = parseScope(text);
    if (scope === null)
      return refuse(`"${text.slice(0, 150)}" is not a scope such as repository:hosted/app:pull,push`);
    if (scope === 'catalog') lists = true;
    else if (scope !== 'not-offered') repositories.push(scope);
  }
  return { repositories, lists };
}

/** `type:name:actions`: the first colon ends the type and the last begins the actions. */
function parseScope(text: string): RepositoryScope | 'catalog' | 'not-offered' | null {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first <= 0 || last <= first) return null;
  const type = text.slice(0, first);
  const asked = text.slice(last + 1);
  if (!classPattern.test(type) || !actionsPattern.test(asked)) return null;
  if (type === 'registry' && text.slice(first + 1, last) === 'catalog')
    return asked.split(',').includes('*') ? 'catalog' : 'not-offered';
  if (type !== 'repository') return 'not-offered';
  const name = text.slice(first + 1, last);
  if (name.length > longestName || !repositoryPathPattern.test(name)) return null;
  const words = new Set(asked.split(','));
  return { name, actions: actions.filter((action) => words.has('*') || words.has(action)) };
}

function refuse(message: string): OciError {
  return { ...ociError('NAME_INVALID', message), status: 400 };
}
