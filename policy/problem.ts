/** A place in the file and what is wrong there. `found` is filled in from the file where it is null. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly found: string | null;
  readonly allowed: string;
  /** The position of the key itself and not of its value. */
  readonly atKey: boolean;
  /** UTF-16 units from the start of the text that stands there; left out: the whole of it. */
  readonly inside?: number;
}

/** What stands under a key of something that was not checked yet. */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
