import type { Cell, ReportTable } from '../report.ts';
import { cellText } from './cell.ts';

/** What spreadsheets take for the beginning of a formula, wide forms included. */
const formula = /^[\s]*[=+\-@＝＋－＠]/u;
const needsQuotes = /[",\r\n]/;

/**
 * RFC 4180: a header of the columns' keys, rows end with CRLF. A text that a spreadsheet would calculate gets a quote
 * before it, so that it is shown as it is.
 */
export function reportCsv({ columns, rows }: ReportTable): string {
  const lines = [columns.map(({ key }) => key), ...rows];
  return lines.map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

function field(cell: Cell): string {
  const text = cellText(cell, '; ');
  const safe = typeof cell !== 'number' && formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
