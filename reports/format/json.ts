import { type Cell, type ReportTable, reportSchemaVersion } from '../report.ts';

/** The JSON of a report: one object for each row, named by the keys of its columns (docs/reports.md). */
export function reportJson(table: ReportTable): Readonly<Record<string, unknown>> {
  const { name, title, asOf, policies, advisories, columns, rows, offset, total, incomplete, notes } = table;
  return {
    schemaVersion: reportSchemaVersion,
    report: name,
    title,
    asOf,
    policies,
    advisories,
    offset,
    total,
    complete: incomplete.length === 0,
    incomplete,
    notes,
    columns,
    rows: rows.map((cells) =>
      Object.fromEntries(columns.map(({ key }, index): [string, Cell] => [key, cells[index] ?? null])),
    ),
  };
}
