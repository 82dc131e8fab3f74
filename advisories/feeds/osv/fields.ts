/** Why a record cannot be taken. Caught where the record is read, never further. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The record's own field, never one of Object's prototype. */
export function fieldOf(owner: object, name: string): unknown {
  return Object.hasOwn(owner, name) ? (owner as Readonly<Record<string, unknown>>)[name] : undefined;
}

const longestText = 1024;

/** A text that decides: there, not empty, on one line and not absurdly long. */
export function textOf(owner: object, name: string): string {
  const value = fieldOf(owner, name);
  if (typeof value !== 'string' || value === '') throw new Malformed(`"${name}" is missing or no text`);
  if (value.length > longestText) throw new Malformed(`"${name}" has more than ${longestText} characters`);
  if (hasControls(value)) throw new Malformed(`"${name}" has control characters`);
  return value;
}

/** A list of texts; empty where there is none. */
export function stringsOf(owner: object, name: string): readonly string[] {
  const value = fieldOf(owner, name);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`"${name}" is not a list`);
  const list = value as readonly unknown[];
  for (const item of list) {
    if (typeof item !== 'string' || item.length > longestText || hasControls(item)) {
      throw new Malformed(`"${name}" holds something that is no name`);
    }
  }
  return list as readonly string[];
}

/** Text that only people read: as it is, or nothing. */
export function proseOf(owner: object, name: string): string | null {
  const value = fieldOf(owner, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
