import { plainName } from './names.ts';
import { type Row, rows } from './table.ts';

const byFile = new Map<string, Row[]>();
for (const row of rows) {
  for (const file of row.files) {
    const others = byFile.get(file);
    if (others === undefined) byFile.set(file, [row]);
    else others.push(row);
  }
}
const none: readonly Row[] = [];

/** The rows that speak of a file of this name, and what the name has of a version. */
export function rowsOf(base: string): { readonly rows: readonly Row[]; readonly numbers: string } {
  const { name, numbers } = plainName(base);
  return { rows: byFile.get(name) ?? none, numbers };
}

/** Whether a program of this name is looked at. */
export function isKnownProgram(base: string): boolean {
  return byFile.has(plainName(base).name);
}
