import { createHash } from 'node:crypto';
import type { ScanJob } from '../core/ports/scan-jobs.ts';
import type { Scanned } from '../core/ports/scans.ts';
import { cycloneDxDocument } from '../sbom/cyclonedx.ts';
import { spdxDocument, spdxMediaType } from '../sbom/spdx.ts';
import type { SbomInput } from '../sbom/subject.ts';
import type { SbomMediaType } from './capabilities.ts';
import type { ScannerIdentity } from './metadata.ts';
import { type VulnerabilityReport, vulnerabilityReport } from './report.ts';

/** Raised when what is written below changes, so that recorded bodies of before are not served. */
const format = 1;

/** A report's shared part: a JSON object, which `joinHead` completes. */
export function vulnerabilityBody(scanned: Scanned, scanner: ScannerIdentity): Uint8Array {
  return jsonBytes(vulnerabilityReport(scanned, scanner));
}

/** @param created milliseconds since 1970 */
export function sbomBody(
  scanned: Scanned,
  scanner: ScannerIdentity,
  job: Pick<ScanJob, 'source'>,
  mediaType: SbomMediaType,
  created: number,
): Uint8Array {
  const { registry, repository, digest } = job.source;
  const input: SbomInput = {
    inventory: scanned.inventory,
    repository,
    repositoryUrl: `${new URL(registry).host}/${repository}`,
    digest,
    created,
    tool: scanner,
  };
  return jsonBytes({
    scanner,
    media_type: mediaType,
    sbom: mediaType === spdxMediaType ? spdxDocument(input) : cycloneDxDocument(input),
    vendor_attributes: { incomplete: scanned.inventory.incomplete },
  });
}

/** The parts of a whole report, in order: what is the job's own, then the shared object without its brace. */
export function joinHead(
  job: Pick<ScanJob, 'artifact'>,
  generatedAt: string,
  body: Uint8Array,
): readonly [Uint8Array, Uint8Array] {
  const { repository, digest, tag, mimeType } = job.artifact;
  const head = JSON.stringify({
    generated_at: generatedAt,
    artifact: {
      repository,
      digest,
      ...(tag === null ? {} : { tag }),
      ...(mimeType === '' ? {} : { mime_type: mimeType }),
    },
  });
  return [Buffer.from(`${head.slice(0, -1)},`), body.subarray(1)];
}

/** The body of a shared part made by `vulnerabilityBody`, read again. */
export function readVulnerabilityBody(body: Uint8Array): VulnerabilityReport {
  return JSON.parse(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'),
  ) as VulnerabilityReport;
}

/** PostgreSQL's text has no NUL, so Harbor would fail to keep a report that has one in a package's name. */
export function jsonBytes(value: object): Uint8Array {
  const text = JSON.stringify(value);
  if (!text.includes('\\u0000')) return Buffer.from(text);
  return Buffer.from(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'string' ? part.replaceAll('\u0000', '\ufffd') : part,
    ),
  );
}

/**
 * Names everything that a job's reports are made of besides the digest: the advisories, the policy and what it
 * says at this time (an exception that ended changes that), the analyzers, this program. An SBOM names its
 * repository, which those who may read another one must not learn.
 */
export function reportRevision(
  scanned: Scanned,
  scanner: ScannerIdentity,
  job: Pick<ScanJob, 'kinds' | 'source'>,
): string {
  const { evaluatedAt: _evaluatedAt, ...verdict } = scanned.verdict;
  const place = job.kinds.includes('sbom') ? [job.source.registry, job.source.repository] : null;
  const parts = [format, scanner, scanned.inventory.analyzers, scanned.match.advisories, verdict, place];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
