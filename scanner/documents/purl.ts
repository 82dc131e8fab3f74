/** A package URL (package-url specification) in its parts. */
export interface Purl {
  readonly type: string;
  /** Empty where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: ReadonlyMap<string, string>;
}

const longest = 4096;

/** Reads what tools write, which is less strict than the specification; null: it is no package URL. */
export function readPurl(text: string): Purl | null {
  if (text.length > longest || !/^pkg:/i.test(text)) return null;
  const [beforeSubpath = ''] = text.slice('pkg:'.length).split('#', 1);
  const mark = beforeSubpath.indexOf('?');
  const main = mark < 0 ? beforeSubpath : beforeSubpath.slice(0, mark);
  const parts = main.split('/').filter((part) => part !== '');
  const type = parts.shift()?.toLowerCase() ?? '';
  const last = parts.pop() ?? '';
  // A scope may stand there as it is: `pkg:npm/@a/b@1`.
  const at = last.lastIndexOf('@');
  const name = decoded(at > 0 ? last.slice(0, at) : last);
  if (type === '' || name === '') return null;
  return {
    type,
    namespace: parts.map(decoded).join('/'),
    name,
    version: at > 0 ? decoded(last.slice(at + 1)) : '',
    qualifiers: readQualifiers(mark < 0 ? '' : beforeSubpath.slice(mark + 1)),
  };
}

function readQualifiers(text: string): ReadonlyMap<string, string> {
  const qualifiers = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    if (equals > 0) qualifiers.set(pair.slice(0, equals).toLowerCase(), decoded(pair.slice(equals + 1)));
  }
  return qualifiers;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
