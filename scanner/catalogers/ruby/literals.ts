/** A text as Ruby's source has it, and where it ends. */
interface Literal {
  readonly text: string;
  readonly end: number;
}

const closing: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
]);

/**
 * The texts in a piece of Ruby, in order: `"x"`, `'x'` and `%q{x}`, which RubyGems wrote before 1.8. Null for one that is
 * only known when it is run (`"#{x}"`).
 */
export function* literalsOf(source: string): Generator<string | null> {
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    // What follows is a remark.
    if (character === '#') return;
    const opening = openingAt(source, at);
    if (opening === null) continue;
    const literal = literalAt(source, at + opening.length, opening.end);
    // It goes on in the next line, as no name does.
    if (literal === null) return;
    yield character === '"' && literal.text.includes('#{') ? null : literal.text;
    at = literal.end;
  }
}

/** What begins a text at a place, and the character that ends it. */
function openingAt(source: string, at: number): { readonly length: number; readonly end: string } | null {
  const character = source[at];
  if (character === '"' || character === "'") return { length: 1, end: character };
  const third = source[at + 2];
  if (character !== '%' || source[at + 1] !== 'q' || third === undefined) return null;
  return { length: 3, end: closing.get(third) ?? third };
}

/** Null: it does not end. */
function literalAt(source: string, start: number, end: string): Literal | null {
  const parts: string[] = [];
  let from = start;
  for (let at = start; at < source.length; at++) {
    if (source[at] === '\\') {
      parts.push(source.slice(from, at));
      from = at + 1;
      at += 1;
    } else if (source[at] === end) {
      parts.push(source.slice(from, at));
      return { text: parts.join(''), end: at };
    }
  }
  return null;
}
