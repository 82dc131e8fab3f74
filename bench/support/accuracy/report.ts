import { table } from '../table.ts';
import type { Compared, Explained, Explanation } from './compare.ts';

/** One list of one case, compared. */
export interface Row {
  readonly case: string;
  readonly list: string;
  readonly compared: Compared;
}

/** Unexplained differences that are printed of each row. */
const mostShown = 40;

export function countsTable(rows: readonly Row[]): string {
  const head = ['case', 'list', 'listed', 'found', 'missing', 'extra', 'unexplained'];
  return table(
    head,
    rows.map(({ case: name, list, compared: { listed, found, differences } }) => {
      const count = (wanted: (one: Explained) => boolean): string =>
        String(differences.filter(wanted).length);
      return [
        name,
        list,
        String(listed),
        String(found),
        count(({ kind }) => kind === 'missing'),
        count(({ kind }) => kind === 'extra'),
        count(({ explanation }) => explanation === null),
      ];
    }),
  );
}

/** Each explanation that was needed: how often and where, and one example. */
export function explanationsTable(rows: readonly Row[]): string {
  const groups = new Map<
    string,
    { first: Explained; explanation: Explanation; where: Map<string, number> }
  >();
  for (const { case: name, list, compared } of rows) {
    for (const one of compared.differences) {
      if (one.explanation === null) continue;
      const key = `${one.explanation.id} ${one.kind}`;
      const group = groups.get(key) ?? { first: one, explanation: one.explanation, where: new Map() };
      const place = `${name}, ${list}`;
      group.where.set(place, (group.where.get(place) ?? 0) + 1);
      groups.set(key, group);
    }
  }
  return table(
    ['', 'where', 'why', 'such as'],
    [...groups.values()].map(({ first, explanation, where }) => [
      first.kind,
      [...where].map(([place, count]) => `${place}: ${count}`).join('; '),
      explanation.text,
      textOf(first),
    ]),
  );
}

export function unexplainedText(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ case: name, list, compared }) => {
    const left = compared.differences.filter(({ explanation }) => explanation === null);
    const shown = left.slice(0, mostShown).map((one) => `${name}, ${list}: ${one.kind} ${textOf(one)}`);
    return left.length > mostShown
      ? [...shown, `${name}, ${list}: and ${left.length - mostShown} more`]
      : shown;
  });
  return lines.join('\n');
}

function textOf({ listed: { type, name, version, detail, place }, instead: [other] }: Explained): string {
  const where = [detail, place].filter((text) => text !== '').join(' at ');
  const beside =
    other === undefined
      ? ''
      : ` (the other side: ${[other.name, other.version, other.detail, other.place].join(' ').trim()})`;
  return `${type} ${name} ${version}${where === '' ? '' : ` ${where}`}${beside}`;
}
