import { canonicalHost } from '../core/reference.ts';

const component = /^[a-z0-9._*-]+$/;
const host = /^(?:[a-z0-9.*-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;

/** What is wrong with a pattern over canonical repository names, as a sentence's end; null when nothing is. */
export function imagePatternFault(pattern: string): string | null {
  if (pattern.length > 300) return 'it has more than 300 characters';
  const [first, ...rest] = pattern.split('/');
  if (first === undefined || rest.length === 0) return 'it has no registry before the name';
  if (!host.test(first)) return `"${first}" is not a registry host`;
  const other = otherSpelling(first);
  if (other !== null) return other;
  for (const part of rest) {
    if (part.includes(':') || part.includes('@'))
      return 'a tag or digest cannot be excepted, a repository can';
    if (!component.test(part)) return `"${part}" is not a part of a repository name`;
  }
  const mixed = [first, ...rest].find((part) => part.includes('**') && part !== '**');
  return mixed === undefined ? null : `in "${mixed}" the ** does not stand alone between slashes`;
}

/** Names are compared in one spelling: a pattern in another one would fit nothing, and its rule never hold. */
function otherSpelling(pattern: string): string | null {
  // Where stars stand for letters, only the port can be told.
  const registry = canonicalHost(pattern.replaceAll('*', 'a'));
  if (registry === null) return `"${pattern}" is not a registry host`;
  if (/:443$/.test(pattern)) return `"${pattern}" names the port of https, which is left out`;
  if (pattern.includes('*') || registry === pattern) return null;
  return `the registry "${pattern}" is called "${registry}" here`;
}

/**
 * Whether a canonical repository name (`docker.io/library/nginx`) fits a pattern. `*` stands for any characters
 * of one component, `**` for any number of components. Time is the product of both lengths, whatever they hold.
 */
export function matchesImage(pattern: string, name: string): boolean {
  return glob(pattern.split('/'), name.split('/'), (part) => part === '**', matchesComponent);
}

/** Whether every name that fits one pattern fits the wider one: a wildcard of the narrower can be met by a wildcard alone. */
export function coversImage(wider: string, narrower: string): boolean {
  return glob(
    wider.split('/'),
    narrower.split('/'),
    (part) => part === '**',
    (part, item) => item !== '**' && matchesComponent(part, item),
  );
}

function matchesComponent(pattern: string, text: string): boolean {
  return glob(
    [...pattern],
    [...text],
    (part) => part === '*',
    (part, char) => part === char,
  );
}

/** Greedy matching that returns to the latest wildcard alone, which suffices for wildcards of any length. */
function glob(
  pattern: readonly string[],
  items: readonly string[],
  isWildcard: (part: string) => boolean,
  matches: (part: string, item: string) => boolean,
): boolean {
  let [p, i, wildcard, resume] = [0, 0, -1, 0];
  while (i < items.length) {
    const part = pattern[p];
    const item = items[i];
    if (part !== undefined && isWildcard(part)) {
      wildcard = p;
      resume = i;
      p += 1;
    } else if (part !== undefined && item !== undefined && matches(part, item)) {
      p += 1;
      i += 1;
    } else if (wildcard >= 0) {
      p = wildcard + 1;
      resume += 1;
      i = resume;
    } else {
      return false;
    }
  }
  return pattern.slice(p).every(isWildcard);
}
