import { listOf, objectOf } from '../catalogers/json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The objects of a list; nothing where there is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return listOf(value)
    .map(objectOf)
    .filter((one) => one !== null);
}

/** A text without spaces around it; empty where there is none. */
export function textIn(object: JsonObject, key: string): string {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}
