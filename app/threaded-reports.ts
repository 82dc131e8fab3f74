import { Worker } from 'node:worker_threads';
import { fromPlainError, PratiqueError } from '../core/errors.ts';
import type { ReportAnswer, Reports } from '../proxy/management/reports.ts';
import { type ReportGround, reportNames, reportTitles } from '../reports/report.ts';
import { parseAsked } from './report-asked.ts';
import type { ReportOutcome, ReportTask } from './report-worker.ts';

/** Megabytes of heap that one report may take. */
const heapMegabytes = 512;

/**
 * Reports for the management port, each made in a thread of its own that reads the state file: neither the event loop
 * nor the thread that keeps the state waits for one.
 */
export function createReports(places: {
  /** The state file. */
  readonly file: string;
  readonly ground: () => ReportGround;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For how long a report may read, milliseconds. */
  readonly longest: number;
}): Reports {
  const { file, ground, now, longest } = places;
  return {
    list: reportNames.map((name) => ({ name, title: reportTitles[name] })),
    make: async (name, asked) => {
      const wanted = parseAsked(name, asked, 'json');
      return inThread({ file, wanted, ground: ground(), now: now(), longest });
    },
  };
}

/** @throws PratiqueError */
function inThread(task: ReportTask): Promise<ReportAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./report-worker.js', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    worker.unref();
    worker.once('message', (outcome: ReportOutcome) => {
      if ('error' in outcome) reject(fromPlainError(outcome.error));
      else resolve(outcome.answer);
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      reject(new PratiqueError('data-unusable', 'the thread that makes a report has ended without one'));
    });
  });
}
