import type { AdvisorySink } from '../core/ports/advisories.ts';
import type { AdvisorySource } from './feeds/offer.ts';

export interface ImportProgress {
  readonly feed: string;
  /** `fetching`: `done` and `total` are bytes (of an increment: records); `reading`, `read`: records. */
  readonly stage: 'fetching' | 'reading' | 'read';
  readonly done: number;
  /** null: nobody says how much it is. */
  readonly total: number | null;
  readonly rejected: number;
}

export interface RejectedRecord {
  readonly feed: string;
  readonly name: string;
  readonly why: string;
}

export interface ImportOptions {
  readonly source: AdvisorySource;
  readonly sink: AdvisorySink;
  readonly now: () => Date;
  readonly onProgress?: (progress: ImportProgress) => void;
}
