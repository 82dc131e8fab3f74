import type { PlainError } from '../errors.ts';
import type { ScanSource } from './scans.ts';

/** What a job is to produce. */
export type ReportKind = 'vulnerabilities' | 'sbom';

/** The artifact as the one who asked names it, given back in reports. */
export interface ScannedArtifact {
  readonly repository: string;
  readonly digest: string;
  readonly tag: string | null;
  readonly mimeType: string;
}

export type ScanJobState =
  | { readonly kind: 'waiting' }
  /** `revision`: that of `ImageScans`; with the digest it names the finished reports. */
  | { readonly kind: 'done'; readonly revision: string; readonly finishedAt: string }
  | { readonly kind: 'failed'; readonly error: PlainError; readonly finishedAt: string };

/** A scan that somebody asked for. Times are ISO 8601 in UTC. */
export interface ScanJob {
  /** Unguessable. */
  readonly id: string;
  readonly source: ScanSource;
  readonly artifact: ScannedArtifact;
  readonly kinds: readonly ReportKind[];
  /** MIME types of SBOMs that were asked for; empty: all that are offered. */
  readonly sbomMediaTypes: readonly string[];
  readonly createdAt: string;
  /** The adapter's own: past it the job has failed. */
  readonly deadline: string;
  readonly state: ScanJobState;
}

/** Jobs and finished reports, outliving the process. A finished job's authorization is forgotten. */
export interface ScanJobs {
  /** Durable when it resolves. */
  put(job: ScanJob): Promise<void>;
  get(id: string): Promise<ScanJob | null>;
  /** Sets the state and forgets the authorization (kind `none` from then on). */
  finish(id: string, state: Exclude<ScanJobState, { kind: 'waiting' }>): Promise<void>;
  /** Jobs in state `waiting`, oldest first: taken up again after a restart. */
  waiting(): Promise<readonly ScanJob[]>;
  /** Removes finished jobs that ended before a time, and reports that no job names any more. */
  prune(before: string): Promise<void>;
  /** A report's serialised part that is the same for every job of the digest. */
  putReport(key: ReportKey, body: Uint8Array): Promise<void>;
  getReport(key: ReportKey): Promise<Uint8Array | null>;
}

export interface ReportKey {
  readonly digest: string;
  readonly kind: ReportKind;
  /** MIME type of the report, or of the SBOM in it. */
  readonly mediaType: string;
  readonly revision: string;
}
