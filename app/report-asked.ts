import { PratiqueError } from '../core/errors.ts';
import type { ReportAsked } from '../proxy/management/reports.ts';
import { type ReportName, type ReportOptions, reportNames, rowLimits } from '../reports/report.ts';

export const reportFormats = ['table', 'json', 'csv', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** A report that was asked for, read and checked. */
export interface ReportWanted {
  readonly name: ReportName;
  readonly format: ReportFormat;
  readonly options: ReportOptions;
}

const advisoryPattern = /^[A-Za-z0-9][A-Za-z0-9:._-]{0,99}$/;
const timePattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?Z)?$/;

/**
 * Reads what a command line or a query asks for.
 * @throws PratiqueError `usage-invalid`
 */
export function parseAsked(name: string, asked: ReportAsked, otherwise: ReportFormat): ReportWanted {
  return {
    name: oneOf(reportNames, name, 'a report'),
    format: asked.format === null ? otherwise : oneOf(reportFormats, asked.format, 'a format'),
    options: {
      advisory: asked.advisory === null ? null : advisoryOf(asked.advisory),
      policy: asked.policy,
      since: asked.since === null ? null : timeOf(asked.since),
      namespace: asked.namespace,
      limit: numberOf('limit', asked.limit, rowLimits.usual, 1, rowLimits.most),
      offset: numberOf('offset', asked.offset, 0, 0, rowLimits.furthest),
    },
  };
}

function oneOf<Word extends string>(words: readonly Word[], text: string, what: string): Word {
  const word = words.find((one) => one === text);
  if (word === undefined)
    throw invalid(`"${text.slice(0, 100)}" is not ${what}: there are ${words.join(', ')}`);
  return word;
}

function advisoryOf(text: string): string {
  if (!advisoryPattern.test(text))
    throw invalid(`"${text.slice(0, 100)}" is not the name of an advisory, such as CVE-2026-1234`);
  return text;
}

/** Date.parse takes 30 February for 1 March. */
function timeOf(text: string): string {
  const at = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  const time = Number.isNaN(at) ? '' : new Date(at).toISOString();
  if (!time.startsWith(text.slice(0, 10)) || time === '')
    throw invalid(
      `"${text.slice(0, 100)}" is not a day (2026-11-24) or a time in UTC (2026-11-24T10:00:00Z)`,
    );
  return time;
}

function numberOf(name: string, text: string | null, otherwise: number, least: number, most: number): number {
  if (text === null) return otherwise;
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw invalid(`${name} "${text.slice(0, 100)}" is not a whole number from ${least} to ${most}`);
  return value;
}

function invalid(message: string): PratiqueError {
  return new PratiqueError('usage-invalid', message);
}
