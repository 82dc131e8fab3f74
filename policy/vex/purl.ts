import { normalisedPythonName } from '../../core/python-name.ts';

/** A package-url taken apart (package-url specification, "Rules for each purl component"). */
export interface Purl {
  readonly type: string;
  /** Empty: none. */
  readonly namespace: string;
  readonly name: string;
  /** null: every version. */
  readonly version: string | null;
  /** By their keys, sorted; those with empty values are none. */
  readonly qualifiers: readonly (readonly [key: string, value: string])[];
  readonly subpath: string;
}

const longest = 2000;
const typePattern = /^[a-z][a-z0-9.+-]*$/;
const keyPattern = /^[a-z][a-z0-9._-]*$/;
/** Types whose names are compared in small letters. */
const caseless: ReadonlySet<string> = new Set([
  'apk',
  'bitbucket',
  'composer',
  'deb',
  'github',
  'golang',
  'oci',
  'pypi',
]);

/** null for what is no package-url. */
export function parsePurl(text: string): Purl | null {
  if (text.length > longest || !/^pkg:/i.test(text)) return null;
  const [beforeHash = '', subpath = ''] = cut(text.slice(4), '#');
  const [beforeQuery = '', query = ''] = cut(beforeHash, '?');
  const path = beforeQuery.replace(/^\/+/, '');
  const slash = path.indexOf('/');
  if (slash < 1) return null;
  const type = path.slice(0, slash).toLowerCase();
  const rest = path.slice(slash + 1);
  const at = rest.lastIndexOf('@');
  // A scope that is not encoded (`pkg:npm/@babel/core`) begins with @ and is no version.
  const hasVersion = at > 0 && !rest.slice(at).includes('/');
  const version = hasVersion ? decoded(rest.slice(at + 1)) : null;
  const segments = (hasVersion ? rest.slice(0, at) : rest)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded);
  const qualifiers = qualifiersOf(query);
  const below = decoded(subpath.replace(/^\/+|\/+$/g, ''));
  const name = segments.pop();
  if (!typePattern.test(type) || name == null || name === '' || segments.includes(null)) return null;
  if (qualifiers === null || below === null || (hasVersion && (version === null || version === ''))) {
    return null;
  }
  return {
    type,
    namespace: caseless.has(type) ? segments.join('/').toLowerCase() : segments.join('/'),
    name: nameOf(type, name),
    version,
    qualifiers,
    subpath: below,
  };
}

/** Whether what is said of `said` is said of the package `found`: never of more than it names. */
export function includesPurl(said: Purl, found: Purl): boolean {
  if (said.type !== found.type || said.namespace !== found.namespace || said.name !== found.name)
    return false;
  if (said.subpath !== found.subpath) return false;
  if (said.version !== null && said.version !== found.version) return false;
  // What the package does not tell of itself may be another than what was said.
  return said.qualifiers.every(([key, value]) =>
    found.qualifiers.some(([other, theirs]) => other === key && theirs === value),
  );
}

export function qualifierOf(purl: Purl, key: string): string | null {
  return purl.qualifiers.find(([other]) => other === key)?.[1] ?? null;
}

function nameOf(type: string, name: string): string {
  if (type === 'pypi') return normalisedPythonName(name);
  return caseless.has(type) ? name.toLowerCase() : name;
}

function qualifiersOf(query: string): Purl['qualifiers'] | null {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    const [rawKey = '', rawValue = ''] = cut(part, '=');
    if (rawValue === '') continue;
    const key = rawKey.toLowerCase();
    const value = decoded(rawValue);
    if (!keyPattern.test(key) || value === null || found.has(key)) return null;
    found.set(key, value);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** At the first; what is behind it is left out where it is not there. */
function cut(text: string, at: string): readonly string[] {
  const position = text.indexOf(at);
  return position < 0 ? [text] : [text.slice(0, position), text.slice(position + 1)];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
