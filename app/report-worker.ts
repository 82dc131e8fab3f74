import { parentPort, workerData } from 'node:worker_threads';
import { type PlainError, toPlainError } from '../core/errors.ts';
import { openStateReadOnly } from '../db/state.ts';
import type { ReportAnswer } from '../proxy/management/reports.ts';
import type { ReportGround } from '../reports/report.ts';
import type { ReportWanted } from './report-asked.ts';
import { answerOf, tableOf } from './reports.ts';

export interface ReportTask {
  /** The state file. */
  readonly file: string;
  readonly wanted: ReportWanted;
  readonly ground: ReportGround;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds. */
  readonly longest: number;
}

export type ReportOutcome = { readonly answer: ReportAnswer } | { readonly error: PlainError };

async function make({ file, wanted, ground, now, longest }: ReportTask): Promise<ReportOutcome> {
  try {
    const source = openStateReadOnly(file);
    try {
      const table = await tableOf(wanted, { source, ground: () => ground, now: () => now, longest });
      return { answer: answerOf(table, wanted.format) };
    } finally {
      source.close();
    }
  } catch (error) {
    return { error: toPlainError(error, 'data-unusable') };
  }
}

if (parentPort === null) throw new Error('app/report-worker runs as a worker thread only');
parentPort.postMessage(await make(workerData as ReportTask));
