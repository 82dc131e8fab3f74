/** A text of JSON, or why there is none, as the end of a sentence about the file. */
export type Json = { readonly value: unknown } | { readonly fault: string };

/** Values in values. Files of package managers have ten of them. */
const deepest = 200;
/** What may be in one text. */
export interface JsonBounds {
  /** Values that begin in it: each costs its parser far more than its bytes. */
  readonly values: number;
  /** Members of objects: each may have a name of its own, which costs most. */
  readonly members: number;
}

/** Of a file in an image. */
const ofFiles: JsonBounds = { values: 2_000_000, members: 500_000 };
/** Smaller texts cost little, whatever is in them. */
const smallest = 64 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const openObject = 0x7b;
const closeList = 0x5d;
const closeObject = 0x7d;

/** Parses JSON with a bound on what it makes of its bytes; a byte order mark is skipped. Never throws. */
export function jsonOf(content: Buffer, most: JsonBounds = ofFiles): Json {
  const fault = content.length > smallest ? faultOf(content, most) : null;
  if (fault !== null) return { fault };
  try {
    return { value: JSON.parse(content.toString('utf8').replace(/^\ufeff/, '')) as unknown };
  } catch {
    return { fault: 'it is not JSON' };
  }
}

function faultOf(content: Buffer, most: JsonBounds): string | null {
  let depth = 0;
  let values = 0;
  let members = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at];
    if (byte === quote) at = endOfText(content, at + 1);
    else if (byte === comma) values += 1;
    else if (byte === colon) members += 1;
    else if (byte === openList || byte === openObject) {
      values += 1;
      depth += 1;
      if (depth > deepest) return `its values lie more than ${deepest} deep in each other`;
    } else if (byte === closeList || byte === closeObject) depth -= 1;
    if (members > most.members) return `it has more than ${most.members} members of objects`;
    if (values > most.values) return `it has more than ${most.values} values`;
  }
  return null;
}

function endOfText(content: Buffer, from: number): number {
  for (let at = from; at < content.length; at++) {
    if (content[at] === backslash) at += 1;
    else if (content[at] === quote) return at;
  }
  return content.length;
}

/** Null for anything but an object. Keys that come from outside are to be asked for with `Object.entries`. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Null for anything but a text with something in it. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
