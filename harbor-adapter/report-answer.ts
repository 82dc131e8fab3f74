import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { ReportKey, ReportKind, ScanJob } from '../core/ports/scan-jobs.ts';
import { negotiate } from './accept.ts';
import { joinHead } from './bodies.ts';
import type { Offer } from './capabilities.ts';
import type { JobStatus, ScanEngine } from './jobs.ts';
import { errorType, olderReportType, sbomReportType, vulnerabilityReportType } from './media-types.ts';
import { clip, isRefusal, type Refusal, refusal } from './refusal.ts';
import { sbomTypesOf } from './reports.ts';
import { sendBytes, sendRefusal } from './respond.ts';

export interface ReportContext extends Offer {
  readonly engine: Pick<ScanEngine, 'status' | 'shelf'>;
}

const longestId = 128;
const nouns: Record<ReportKind, string> = { vulnerabilities: 'vulnerabilities', sbom: 'an SBOM' };

/** `GET /scan/{id}/report`: 302 until it is there. */
export function answerReport({ engine, sbom }: ReportContext): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const { id } = request.params;
    const status = id.length > longestId ? null : await engine.status(id);
    if (status === null) {
      sendRefusal(response, refusal(404, 'there is no scan of this id, or no longer: scan the image again'));
      return;
    }
    const wanted = parseWanted(status.job, request.get('accept'), request.query.sbom_media_type, sbom);
    if (isRefusal(wanted)) sendRefusal(response, wanted);
    else await answer(response, engine.shelf, status, wanted);
  };
}

interface WantedReport {
  readonly kind: ReportKind;
  readonly contentType: string;
  /** Of the report, or of the SBOM in it. */
  readonly mediaType: string;
}

/** What is asked for, as far as this job has it. */
function parseWanted(
  job: ScanJob,
  accept: string | undefined,
  sbomMediaType: unknown,
  sbom: boolean,
): WantedReport | Refusal {
  const ofVulnerabilities = [vulnerabilityReportType, olderReportType] as const;
  const ofSbom = sbom || job.kinds.includes('sbom') ? ([sbomReportType] as const) : [];
  const sbomFirst = sbomMediaType !== undefined || !job.kinds.includes('vulnerabilities');
  const offers = sbomFirst ? [...ofSbom, ...ofVulnerabilities] : [...ofVulnerabilities, ...ofSbom];
  const contentType = negotiate(accept, offers);
  if (contentType === null) {
    return refusal(501, `this scanner makes no "${clip(accept ?? '')}": there is ${offers.join(', ')}`);
  }
  const kind = contentType === sbomReportType ? 'sbom' : 'vulnerabilities';
  if (!job.kinds.includes(kind)) {
    return refusal(400, `this scan was asked for ${job.kinds.map((one) => nouns[one]).join(' and ')} alone`);
  }
  if (kind === 'vulnerabilities') return { kind, contentType, mediaType: contentType };
  const mediaType = sbomTypesOf(job).find((type) => type === sbomMediaType);
  return mediaType === undefined
    ? refusal(400, `sbom_media_type has to be given: this scan has ${sbomTypesOf(job).join(' and ')}`)
    : { kind, contentType, mediaType };
}

async function answer(
  response: ServerResponse,
  shelf: ScanEngine['shelf'],
  status: JobStatus,
  { kind, contentType, mediaType }: WantedReport,
): Promise<void> {
  const { job } = status;
  if (status.kind === 'waiting') {
    sendBytes(response, 302, errorType, [], { 'Refresh-After': String(status.refreshAfter) });
    return;
  }
  if (status.kind === 'failed') {
    sendRefusal(response, refusal(500, status.error.message));
    return;
  }
  const key: ReportKey = { digest: job.source.digest, kind, mediaType, revision: status.revision };
  const body = await shelf.get(key);
  if (body !== null) {
    sendBytes(response, 200, contentType, joinHead(job, status.finishedAt, body));
    return;
  }
  const why = await shelf.get({ ...key, mediaType: errorType });
  if (why !== null) sendBytes(response, 500, errorType, [why]);
  else sendRefusal(response, refusal(500, 'the report of this scan is no longer kept: scan the image again'));
}
