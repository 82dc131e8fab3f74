/** One challenge of a `WWW-Authenticate` header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const longestHeader = 8192;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;

/**
 * Reads all challenges. Where the text leaves the grammar, what was read so far counts: registries write this
 * header in many ways, and a challenge that cannot be read ends in a refusal either way.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, longestHeader);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  for (;;) {
    at = skip(text, at, ' \t,');
    const name = match(token, text, at);
    if (name === null) return challenges;
    at += name.length;
    const equals = skip(text, at, ' \t');
    const current = challenges.at(-1);
    if (text[equals] !== '=' || current === undefined) {
      challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
      continue;
    }
    const value = readValue(text, skip(text, equals + 1, ' \t'));
    const key = name.toLowerCase();
    if (!current.parameters.has(key)) current.parameters.set(key, value.text);
    at = value.end;
  }
}

function readValue(text: string, start: number): { readonly text: string; readonly end: number } {
  if (text[start] !== '"') {
    const comma = text.indexOf(',', start);
    const end = comma < 0 ? text.length : comma;
    return { text: text.slice(start, end).trim(), end };
  }
  let value = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\') at += 1;
    value += text[at] ?? '';
    at += 1;
  }
  return { text: value, end: at + 1 };
}

function skip(text: string, start: number, characters: string): number {
  let at = start;
  while (at < text.length && characters.includes(text.charAt(at))) at += 1;
  return at;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
