import type { ReportKey, ReportKind, ScanJob } from '../core/ports/scan-jobs.ts';
import type { Scanned } from '../core/ports/scans.ts';
import { jsonBytes, reportRevision, sbomBody, vulnerabilityBody } from './bodies.ts';
import { isSbomMediaType, type SbomMediaType, sbomMediaTypes } from './capabilities.ts';
import { errorType, vulnerabilityReportType } from './media-types.ts';
import type { ScannerIdentity } from './metadata.ts';
import { type UnclearedRule, whyNoReport } from './not-cleared.ts';
import type { ReportShelf } from './shelf.ts';

interface Making {
  readonly scanner: ScannerIdentity;
  readonly uncleared: UnclearedRule;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type MadeReports =
  | { readonly kind: 'made'; readonly revision: string }
  /** There is a report of no kind that the job asks for. */
  | { readonly kind: 'none'; readonly why: string };

/**
 * Makes what a job asks for, as far as it is not there. Where one kind cannot be had and another can, the reason
 * is kept in the report's place.
 */
export async function makeReports(
  shelf: ReportShelf,
  job: ScanJob,
  scanned: Scanned,
  { scanner, uncleared, at }: Making,
): Promise<MadeReports> {
  const revision = reportRevision(scanned, scanner, job);
  const refusals = new Map<ReportKind, string>();
  for (const kind of job.kinds) {
    const why = whyNoReport(scanned, kind, uncleared);
    if (why !== null) refusals.set(kind, why);
  }
  const key = (kind: ReportKind, mediaType: string): ReportKey => ({
    digest: job.source.digest,
    kind,
    mediaType,
    revision,
  });
  if (refusals.size === job.kinds.length) return { kind: 'none', why: [...refusals.values()].join(' ') };
  for (const kind of job.kinds) {
    const why = refusals.get(kind);
    if (why !== undefined) {
      await shelf.keep(key(kind, errorType), () => jsonBytes({ error: { message: why } }));
    } else if (kind === 'vulnerabilities') {
      await shelf.keep(key(kind, vulnerabilityReportType), () => vulnerabilityBody(scanned, scanner));
    } else {
      for (const mediaType of sbomTypesOf(job)) {
        await shelf.keep(key(kind, mediaType), () => sbomBody(scanned, scanner, job, mediaType, at));
      }
    }
  }
  return { kind: 'made', revision };
}

/** The formats that a job asked for; all where it named none. */
export function sbomTypesOf({
  sbomMediaTypes: asked,
}: Pick<ScanJob, 'sbomMediaTypes'>): readonly SbomMediaType[] {
  return asked.length === 0 ? sbomMediaTypes : asked.filter(isSbomMediaType);
}
