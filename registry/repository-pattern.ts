import { PratiqueError } from '../core/errors.ts';

export type RepositoryMatcher = (name: string) => boolean;

/** Characters; no repository name is longer. */
const longestPattern = 255;
const componentPattern = /^[a-z0-9._*-]+$/;
const anyDepth = '**';

/** Whether a text is a pattern that `compilePattern` takes. */
export function isRepositoryPattern(pattern: string): boolean {
  return (
    pattern.length <= longestPattern &&
    pattern
      .split('/')
      .every(
        (component) =>
          component === anyDepth || (componentPattern.test(component) && !component.includes(anyDepth)),
      )
  );
}

/**
 * A pattern over repository names: `*` stands for any part of one path component, a component `**` for any
 * number of whole components. `hosted/team-a/**` is everything below `hosted/team-a`, `**` everything.
 * Time is bounded by the product of both lengths, whatever the pattern.
 * @throws PratiqueError `config-invalid`
 */
export function compilePattern(pattern: string): RepositoryMatcher {
  if (!isRepositoryPattern(pattern)) {
    throw new PratiqueError(
      'config-invalid',
      `"${pattern}" is not a pattern of repository names: lower case path components, "*" within one, "**" for any number of them`,
      { pattern },
    );
  }
  const components = pattern.split('/');
  if (components.length === 1 && components[0] === anyDepth) return () => true;
  if (!pattern.includes('*')) return (name) => name === pattern;
  return (name) => matchPath(components, name.split('/'));
}

/** Returns to the latest `**` alone, which suffices for wildcards of any length. */
function matchPath(pattern: readonly string[], path: readonly string[]): boolean {
  let [at, position, wildcard, resume] = [0, 0, -1, 0];
  while (position < path.length) {
    const component = pattern[at];
    if (component === anyDepth) {
      wildcard = at;
      resume = position;
      at += 1;
    } else if (component !== undefined && matchText(component, path[position] ?? '')) {
      at += 1;
      position += 1;
    } else if (wildcard >= 0) {
      at = wildcard + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((component) => component === anyDepth);
}

function matchText(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let position = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
