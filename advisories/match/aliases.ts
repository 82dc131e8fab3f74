import type { AffectedRow } from '../../core/ports/advisories.ts';

/** Which ids mean the same thing, for the records of one package. */
export interface AliasClasses {
  /** Every id of the class, in no particular order; the id alone where nothing else is known of it. */
  idsOf(id: string): ReadonlySet<string>;
}

/**
 * OSV aliases are symmetric and transitive; an `upstream` of exactly one id says the same. A record with
 * several upstreams (a DSA) is about all of them and the same as none.
 */
export function aliasClasses(rows: readonly AffectedRow[]): AliasClasses {
  const classes = new Map<string, Set<string>>();
  const unite = (a: string, b: string): void => {
    const left = classes.get(a) ?? new Set([a]);
    const right = classes.get(b) ?? new Set([b]);
    if (left === right) return;
    const [large, small] = left.size < right.size ? [right, left] : [left, right];
    for (const id of small) large.add(id);
    for (const id of [a, b, ...small]) classes.set(id, large);
  };
  for (const { advisory } of rows) {
    for (const alias of advisory.aliases) unite(advisory.id, alias);
    const only = advisory.upstream.length === 1 ? advisory.upstream[0] : undefined;
    if (only !== undefined) unite(advisory.id, only);
  }
  return { idsOf: (id) => classes.get(id) ?? new Set([id]) };
}
