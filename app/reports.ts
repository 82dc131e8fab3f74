import type { AdvisoriesState } from '../core/finding.ts';
import { controls } from '../policy/controls/index.ts';
import type { Policy } from '../policy/policy.ts';
import type { ReportAnswer } from '../proxy/management/reports.ts';
import { reportCsv } from '../reports/format/csv.ts';
import { htmlStyleHash, reportHtml } from '../reports/format/html.ts';
import { reportJson } from '../reports/format/json.ts';
import { makeReport } from '../reports/make.ts';
import type { ReportGround, ReportTable } from '../reports/report.ts';
import type { ReportSource } from '../reports/source.ts';
import { reportText } from './report/report-text.ts';
import type { ReportFormat, ReportWanted } from './report-asked.ts';

/** What reports are made from. */
export interface ReportPlaces {
  readonly source: ReportSource;
  readonly ground: () => ReportGround;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For how long a report may read, milliseconds; null: until it is done. */
  readonly longest: number | null;
}

/** @throws PratiqueError `usage-invalid` */
export function tableOf({ name, options }: ReportWanted, places: ReportPlaces): Promise<ReportTable> {
  const { source, ground, now, longest } = places;
  const started = performance.now();
  const isOver = (): boolean => longest !== null && performance.now() - started > longest;
  return makeReport(name, { reading: { source, isOver }, ground: ground(), options, now: now() });
}

/** What the policies in force and the advisories are. @param problem why the files cannot be read; null: they can */
export function groundOf(
  policies: readonly Policy[],
  advisories: AdvisoriesState | null,
  problem: string | null,
): ReportGround {
  return {
    policies: policies.map(({ name, revision, rules, exceptions }) => ({
      name,
      revision,
      rules: rules.map(({ id, title, controls: held }) => ({ id, title, controls: held })),
      exceptions: exceptions.filter(({ id }) => id === null),
    })),
    problem: policies.length === 0 ? problem : null,
    outdated: policies.length === 0 ? null : problem,
    advisories,
    controls: [...controls.values()].map(({ id, title }) => ({ id, title })),
  };
}

/** A report as text of its format. */
export function formatReport(table: ReportTable, format: ReportFormat): string {
  if (format === 'csv') return reportCsv(table);
  if (format === 'html') return reportHtml(table);
  return format === 'json' ? JSON.stringify(reportJson(table), null, 2) : reportText(table);
}

const contentTypes: Readonly<Record<ReportFormat, string>> = {
  table: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  html: 'text/html; charset=utf-8',
};

/** A report as the management port sends it. */
export function answerOf(table: ReportTable, format: ReportFormat): ReportAnswer {
  return {
    contentType: contentTypes[format],
    body: formatReport(table, format),
    styleHash: format === 'html' ? htmlStyleHash : null,
    fileName: format === 'csv' ? `pratique-${table.name}-${table.asOf.slice(0, 10)}.csv` : null,
    complete: table.incomplete.length === 0 && table.offset === 0 && table.rows.length === table.total,
  };
}
