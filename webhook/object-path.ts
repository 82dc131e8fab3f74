import type { PathStep } from './kinds.ts';

/** A value inside an object, and where it stands. */
export interface Held {
  readonly value: unknown;
  /** For people: `spec.tasks[1].template`. */
  readonly text: string;
  /** RFC 6901: `/spec/tasks/1/template`. */
  readonly pointer: string;
}

export interface Walked {
  readonly held: readonly Held[];
  /** Something on the way has another shape than the path says. */
  readonly fault: { readonly where: string; readonly why: string } | null;
}

/** Characters of a name that an object chose, in a text for people. */
const longestShown = 63;

/**
 * Everything that stands at the end of a path; what is missing on the way is nothing. Stops beyond `most`, with one
 * more than that.
 */
export function walk(object: unknown, steps: readonly PathStep[], most: number): Walked {
  let held: readonly Held[] = [{ value: object, text: '', pointer: '' }];
  for (const step of steps) {
    const next: Held[] = [];
    for (const one of held) {
      const inside = stepInto(one, step);
      if (inside === null) {
        const where = one.text === '' ? 'the object' : one.text;
        return {
          held: [],
          fault: { where, why: step === 'items' ? 'a list is expected' : 'a map is expected' },
        };
      }
      for (const below of inside) {
        if (below.value === null || below.value === undefined) continue;
        next.push(below);
        if (next.length > most) break;
      }
      if (next.length > most) break;
    }
    held = next;
  }
  return { held, fault: null };
}

/** null: it is of another shape. */
function stepInto({ value, text, pointer }: Held, step: PathStep): Iterable<Held> | null {
  if (step === 'items') {
    if (!Array.isArray(value)) return null;
    const items: readonly unknown[] = value;
    return items.map((item, index) => ({
      ...{ value: item, text: `${text}[${index}]` },
      pointer: `${pointer}/${index}`,
    }));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const below = (key: string, inside: unknown): Held => ({
    value: inside,
    text: `${text === '' ? '' : `${text}.`}${key.slice(0, longestShown)}`,
    pointer: `${pointer}/${escaped(key)}`,
  });
  if (step === 'values') return Object.entries(value).map(([key, inside]) => below(key, inside));
  const { key } = step;
  return Object.hasOwn(value, key) ? [below(key, (value as Record<string, unknown>)[key])] : [];
}

/** RFC 6901, section 3. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
