/** A JSON text as a value, or why it is none. */
export type JsonReading =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'none'; readonly why: string };

/** Deeper than any document that somebody meant; code that walks a value may then call itself for each level. */
const deepest = 200;
/** Objects and lists that a text may hold, one in so many bytes: each costs the memory of some ten. */
const bytesEach = 8;
const alwaysAllowed = 1000;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses JSON with a bound on what it costs: the text is looked through first, so that ten million brackets in a row
 * cost a glance and no memory.
 */
export function readJson(bytes: Buffer): JsonReading {
  const why = refusal(bytes);
  if (why !== null) return { kind: 'none', why };
  try {
    return { kind: 'value', value: JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) };
  } catch {
    return { kind: 'none', why: 'it is not JSON' };
  }
}

/** Texts that are no JSON are read otherwise than a parser would, which then refuses them where it differs. */
function refusal(bytes: Buffer): string | null {
  const most = bytes.length / bytesEach + alwaysAllowed;
  let depth = 0;
  let opened = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    switch (bytes[at] ?? 0) {
      case quote:
        at = endOfText(bytes, at);
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        opened += 1;
        if (depth > deepest) return `it is nested more than ${deepest} levels deep`;
        if (opened > most) return 'it consists of little but brackets';
        break;
      case 0x7d:
      case 0x5d:
        depth -= 1;
        break;
      default:
    }
  }
  return null;
}

/** Where the closing quote of a text is; the last byte where there is none. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (; at < bytes.length && bytes[at] !== quote; at += 1) if (bytes[at] === backslash) at += 1;
  return at;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The objects of a list; nothing where there is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly unknown[]).map(objectOf).filter((one) => one !== null);
}

/** A text without spaces around it; empty where there is none. */
export function textIn(object: JsonObject, key: string): string {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}
