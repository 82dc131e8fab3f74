import { field } from '../problem.ts';

/** What stands under a key of something that was not checked yet, where it has the right shape. */

export function textAt(value: unknown, key: string): string | null {
  const found = field(value, key);
  return typeof found === 'string' && found.trim() !== '' ? found : null;
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found : [];
}

export function textsAt(value: unknown, key: string): readonly string[] {
  return listAt(value, key).filter((one) => typeof one === 'string');
}

/** The values of a map, texts alone. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.values(value).filter((one) => typeof one === 'string');
}

export function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
