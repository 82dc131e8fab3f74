import type { Logger } from '../core/ports/logger.ts';
import type { ScanJobs } from '../core/ports/scan-jobs.ts';
import type { ImageScans } from '../core/ports/scans.ts';
import type { ScannerIdentity } from './metadata.ts';
import type { UnclearedRule } from './not-cleared.ts';

/** Times in milliseconds. */
export interface ScanLimits {
  /** Images that are inspected at once. */
  readonly concurrency: number;
  /** Jobs that are not finished, those that run among them. */
  readonly mostWaiting: number;
  /** From the request to the failure of a job: Harbor would wait for ever, and its robot accounts live for two hours. */
  readonly deadline: number;
  /** For how long finished jobs and their reports are kept. */
  readonly keep: number;
  /** Bytes of reports in memory. */
  readonly reportMemory: number;
}

/** What no configuration sets. */
export const defaultScanLimits: Omit<ScanLimits, 'concurrency' | 'deadline'> = {
  mostWaiting: 2000,
  keep: 24 * 60 * 60_000,
  reportMemory: 64 * 1024 * 1024,
};

export interface ScanEngineOptions {
  readonly scans: ImageScans;
  readonly jobs: ScanJobs;
  readonly scanner: ScannerIdentity;
  readonly limits: ScanLimits;
  readonly uncleared: UnclearedRule;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Unguessable: 122 bits at least. */
  readonly newId: () => string;
  /** Calls once after so many milliseconds; what it returns calls it off. */
  readonly after: (milliseconds: number, call: () => void) => () => void;
  /** Called once for each job that ended. */
  readonly onFinished?: (outcome: {
    readonly kind: 'done' | 'failed';
    readonly milliseconds: number;
  }) => void;
}
