import type { VersionScheme } from '../../advisories/versions/scheme.ts';

/** How two versions stand to each other; `undetermined`: the scheme does not read one of them. */
export type Order = '<' | '=' | '>' | 'undetermined';

/** A row in which a scheme does not say what the table says, with the word of the tool that defines the scheme. */
export interface KnownException {
  readonly scheme: string;
  readonly a: string;
  readonly b: string;
  /** What the scheme says instead. Anything else is no known exception. */
  readonly ours: Order;
  readonly word: string;
}

export interface Exception {
  readonly line: number;
  readonly a: string;
  readonly op: Order;
  readonly b: string;
  readonly ours: Order;
  /** null: nobody knows of it. */
  readonly word: string | null;
}

export interface Checked {
  readonly scheme: string;
  readonly rows: number;
  readonly right: number;
  readonly exceptions: readonly Exception[];
}

function orderOf(scheme: VersionScheme, a: string, b: string): Order {
  const order = scheme.compare(a, b);
  if (order === null) return 'undetermined';
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}

function isOrder(text: string): text is Order {
  return text === '<' || text === '=' || text === '>';
}

/**
 * Holds a scheme against a table of `a`, `op`, `b` and the pair's source, parted by tabs, below a line of titles. Each
 * pair is asked both ways round: a scheme that is right only one way is wrong.
 * @throws Error where a line is no row
 */
export function checkTable(text: string, scheme: VersionScheme, known: readonly KnownException[]): Checked {
  const exceptions: Exception[] = [];
  let rows = 0;
  for (const [at, row] of text.split('\n').entries()) {
    if (at === 0 || row === '') continue;
    const line = at + 1;
    const [a, op, b] = row.split('\t');
    if (a === undefined || op === undefined || b === undefined || !isOrder(op))
      throw new Error(
        `line ${line} is no row of a table of versions: ${JSON.stringify(row)}. It has to be A, <, = or >, B`,
      );
    rows++;
    const there = orderOf(scheme, a, b);
    const back = orderOf(scheme, b, a);
    const ours = there === op && back !== turned(op) ? turned(back) : there;
    if (ours === op) continue;
    const exception = known.find(
      (one) => one.scheme === scheme.name && one.a === a && one.b === b && one.ours === ours,
    );
    exceptions.push({ line, a, op, b, ours, word: exception?.word ?? null });
  }
  return { scheme: scheme.name, rows, right: rows - exceptions.length, exceptions };
}

function turned(order: Order): Order {
  return order === '<' ? '>' : order === '>' ? '<' : order;
}

/** Counts of one table, as a row of the report. Known exceptions are counted for themselves. */
export function countsOf({ scheme, rows, right, exceptions }: Checked): readonly string[] {
  const unknown = exceptions.filter(({ word }) => word === null);
  const undetermined = unknown.filter(({ ours }) => ours === 'undetermined').length;
  return [
    scheme,
    ...[rows, right, exceptions.length - unknown.length, undetermined, unknown.length - undetermined].map(
      String,
    ),
  ];
}

/** Whether every row is right or a known exception. */
export function isRight({ exceptions }: Checked): boolean {
  return exceptions.every(({ word }) => word !== null);
}

export function exceptionText(scheme: string, { line, a, op, b, ours, word }: Exception): string {
  const kind = word === null ? (ours === 'undetermined' ? 'UNDETERMINED' : 'WRONG') : 'known';
  return `${kind} ${scheme} line ${line}: ${a} ${op} ${b}, here ${ours}${word === null ? '' : ` (${word})`}`;
}
