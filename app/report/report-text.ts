import { oneLine } from '../../policy/text.ts';
import { cellText } from '../../reports/format/cell.ts';
import type { ReportTable } from '../../reports/report.ts';
import { formatTable } from './table.ts';

const longest = 500;

/** A report for a terminal. */
export function reportText(table: ReportTable): string {
  const { title, asOf, columns, rows } = table;
  const shown = rows.map((cells) => cells.map((cell) => cellText(cell, ', ')));
  return [
    `${oneLine(title, longest)} (${asOf})`,
    '',
    rows.length === 0
      ? 'nothing'
      : formatTable(
          columns.map((column) => column.title),
          shown,
        ),
    ...(remarks(table).length === 0 ? [] : ['', ...remarks(table)]),
  ].join('\n');
}

/** What a reader has to know beside the rows, what is missing first; one line each. */
export function remarks({ incomplete, notes }: ReportTable): readonly string[] {
  return [
    ...incomplete.map((why) => `NOT COMPLETE: ${oneLine(why, longest)}`),
    ...notes.map((note) => oneLine(note, longest)),
  ];
}
