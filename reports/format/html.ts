import { createHash } from 'node:crypto';
import { oneLine } from '../../policy/text.ts';
import type { Cell, ReportTable } from '../report.ts';
import { cellText } from './cell.ts';

const style = `
:root { color-scheme: light dark; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; margin: 0 0 1rem; }
dt { color: GrayText; }
dd { margin: 0; }
.incomplete { border: 2px solid #b3261e; padding: .5rem 1rem; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; color: GrayText; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead { display: table-header-group; }
td.number, th.number { text-align: right; overflow-wrap: normal; }
td ul { margin: 0; padding: 0; list-style: none; }
tr { break-inside: avoid; }
.fail, .failed, .critical { color: #b3261e; font-weight: 600; }
.error, .undecided, .high { color: #9a5b00; font-weight: 600; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { margin: 0; font-size: 9px; }
}
`;

/** Of the page's one style element, for a Content-Security-Policy that allows it alone. */
export const htmlStyleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

/** Statuses that stand out; a class of the page comes from this list alone, never from a cell. */
const marked = new Set(['fail', 'failed', 'critical', 'error', 'undecided', 'high']);

/** One page that needs nothing else: no script, nothing to be loaded; every text in it is escaped. */
export function reportHtml(table: ReportTable): string {
  const { title, asOf, policies, advisories, columns, rows, total, incomplete, notes } = table;
  const revisions = policies.map(({ name, revision }) => `${name} (${revision})`).join(', ');
  const advisoriesText =
    advisories === null
      ? 'none imported'
      : `${advisories.revision}${advisories.updatedAt === null ? '' : `, oldest feed of ${advisories.updatedAt}`}`;
  const numbers = columns.map((_, index) => isNumeric(rows, index));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}, ${escaped(asOf.slice(0, 10))}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<dl>
<dt>Report</dt><dd>Pratique, ${escaped(table.name)}</dd>
<dt>As of</dt><dd><time>${escaped(asOf)}</time></dd>
<dt>Policies</dt><dd>${escaped(revisions === '' ? 'not known' : revisions)}</dd>
<dt>Advisories</dt><dd>${escaped(advisoriesText)}</dd>
</dl>
${incomplete.length === 0 ? '' : `<div class="incomplete"><strong>This report is not complete.</strong>${listOf(incomplete)}</div>\n`}<table>
<caption>${rows.length} of ${total} rows</caption>
<thead><tr>${columns.map((column, index) => `<th scope="col"${numbers[index] === true ? ' class="number"' : ''}>${escaped(column.title)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((cells) => `<tr>${cells.map(cellHtml).join('')}</tr>\n`).join('')}</tbody>
</table>
${notes.length === 0 ? '' : listOf(notes)}
</body>
</html>
`;
}

function isNumeric(rows: readonly (readonly Cell[])[], index: number): boolean {
  return rows.length > 0 && rows.every((cells) => typeof cells[index] === 'number' || cells[index] === null);
}

function cellHtml(cell: Cell): string {
  if (typeof cell === 'number') return `<td class="number">${cell}</td>`;
  if (typeof cell === 'string' && marked.has(cell)) return `<td class="${cell}">${cell}</td>`;
  if (Array.isArray(cell) && cell.length > 1) return `<td>${listOf(cell)}</td>`;
  return `<td>${escaped(cellText(cell, '; '))}</td>`;
}

function listOf(texts: readonly string[]): string {
  return `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Longest text, in characters. */
const longest = 2000;

function escaped(text: string): string {
  return oneLine(text, longest).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
