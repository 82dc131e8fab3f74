/**
 * JSON that every reader understands alike, or none. Container runtimes read JSON with Go, whose decoder takes
 * the last of two equal keys and matches keys without regard to case: `"layers"` with the clean layers and
 * `"Layers"` with the others is one thing to us and another to what runs. Such documents are refused.
 */
export interface JsonRules {
  /** Names that have a meaning; another spelling of one (`Layers`) is refused. */
  readonly names: readonly string[];
  /** Names whose value is a map with free keys (annotations, labels); below them only equal keys are refused. */
  readonly maps: readonly string[];
}

/** Nothing that the image specification describes comes near. */
const deepest = 32;

interface Frame {
  /** Keys so far, as they are compared; null for an array. */
  readonly keys: Set<string> | null;
  readonly free: boolean;
}

/**
 * Parses bytes as UTF-8 JSON.
 * @throws Error with what is wrong, as the end of a sentence
 */
export function parseStrictJson(bytes: Uint8Array, rules: JsonRules): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8');
  }
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  checkKeys(text, rules);
  return value;
}

/** Go's comparison (Unicode simple folding): upper then lower case also catches `ſ` for s and `K` for k. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase();
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Index of the quotation mark that ends the string whose opening one is at `start`; the end if there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let char = text.charCodeAt(at); at < text.length && char !== quote; char = text.charCodeAt(at)) {
    at += char === backslash ? 2 : 1;
  }
  return at;
}

/** Before the parser sees it: brackets outside of strings nest no deeper than the limit. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      at = endOfString(text, at);
    } else if (char === openBrace || char === openBracket) {
      depth += 1;
      if (depth > deepest) throw new Error(`it nests deeper than ${deepest} levels`);
    } else if (char === closeBrace || char === closeBracket) {
      depth -= 1;
    }
  }
}

/** Walks text that is known to be JSON and looks at every key. */
function checkKeys(text: string, rules: JsonRules): void {
  const names = new Map(rules.names.map((name) => [fold(name), name]));
  const maps = new Set(rules.maps.map(fold));
  const stack: Frame[] = [];
  let key = '';
  // In an object the first string, and that after each comma, is a key.
  let keyNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      const end = endOfString(text, at);
      const frame = stack.at(-1);
      if (keyNext && frame !== undefined && frame.keys !== null) {
        key = literal(text, at, end);
        checkKey(key, frame, frame.keys, names);
      }
      at = end;
    } else if (char === openBrace || char === openBracket) {
      const parent = stack.at(-1);
      const free = parent !== undefined && (parent.free || (parent.keys !== null && maps.has(fold(key))));
      keyNext = char === openBrace;
      stack.push({ keys: keyNext ? new Set() : null, free });
    } else if (char === closeBrace || char === closeBracket) {
      stack.pop();
    } else if (char === comma) {
      keyNext = stack.at(-1)?.keys != null;
    } else if (char === colon) {
      keyNext = false;
    }
  }
}

/** The text of the string literal between two quotation marks. */
function literal(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
}

function checkKey(key: string, frame: Frame, keys: Set<string>, names: ReadonlyMap<string, string>): void {
  const compared = frame.free ? key : fold(key);
  if (keys.has(compared))
    throw new Error(`it has "${clip(key)}" twice, and readers differ on which one counts`);
  keys.add(compared);
  const name = frame.free ? undefined : names.get(compared);
  if (name !== undefined && name !== key) {
    throw new Error(`it spells "${name}" as "${clip(key)}", which some readers take for the same`);
  }
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
