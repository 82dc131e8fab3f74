import { keyOf, type Listed } from './listed.ts';

/** A package that one side has and the other does not; of each key as often as it is there more. */
export interface Difference {
  /** `missing`: the list has it and the inventory does not. */
  readonly kind: 'missing' | 'extra';
  readonly listed: Listed;
  /** What the other side has of the same name, or at the same place. */
  readonly instead: readonly Listed[];
}

/** What a person has found out about a kind of difference. */
export interface Explanation {
  readonly id: string;
  /** Why it is so, and which side is right. */
  readonly text: string;
  /** Names of lists that it is about; `generator` for the other generator. */
  readonly lists: readonly string[];
  explains(difference: Difference): boolean;
}

export interface Explained extends Difference {
  /** null: nobody knows why. */
  readonly explanation: Explanation | null;
}

export interface Compared {
  readonly listed: number;
  readonly found: number;
  readonly differences: readonly Explained[];
}

/** Both sides as bags: what is listed twice has to be found twice. */
export function compareLists(
  list: string,
  listed: readonly Listed[],
  found: readonly Listed[],
  explanations: readonly Explanation[],
): Compared {
  const explain = (difference: Difference): Explained => ({
    ...difference,
    explanation: explanations.find((one) => one.lists.includes(list) && one.explains(difference)) ?? null,
  });
  const missing = without(listed, found).map((one) => explain({ kind: 'missing', ...beside(one, found) }));
  const extra = without(found, listed).map((one) => explain({ kind: 'extra', ...beside(one, listed) }));
  return { listed: listed.length, found: found.length, differences: [...missing, ...extra] };
}

function without(some: readonly Listed[], others: readonly Listed[]): Listed[] {
  const left = new Map<string, number>();
  for (const one of others) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1);
  return some.filter((one) => {
    const count = left.get(keyOf(one)) ?? 0;
    left.set(keyOf(one), count - 1);
    return count <= 0;
  });
}

function beside(listed: Listed, others: readonly Listed[]): Pick<Difference, 'listed' | 'instead'> {
  const instead = others.filter(
    ({ name, place }) => name === listed.name || (place !== '' && place === listed.place),
  );
  return { listed, instead };
}
