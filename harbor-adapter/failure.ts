import { type ErrorCode, isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';
import type { ScanJob } from '../core/ports/scan-jobs.ts';
import type { ScanSource } from '../core/ports/scans.ts';

/** From here on a refusal is more likely a robot account that has ended than one that never could. Milliseconds. */
const longWait = 60_000;

/** Nothing is wrong with the scan but the moment; it is tried until the job's deadline. */
const patient: ReadonlySet<ErrorCode> = new Set(['queue-full', 'upstream-throttled']);
/** May be gone at the next try, and is worth no more than a few. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'upstream-unreachable',
  'upstream-misbehaved',
  'blob-truncated',
  'digest-mismatch',
]);
/** Said of one place, not of the image: another job's registry or repository may answer otherwise. */
const ofThePlace: ReadonlySet<ErrorCode> = new Set([
  ...passing,
  'upstream-throttled',
  'upstream-refused',
  'registry-unknown',
  'manifest-unknown',
  'blob-unknown',
]);
const mostTries = 3;

/** Milliseconds until a failed scan is tried again; null: it has failed. `tries` so far, from 1. */
export function tryAgainAfter(error: unknown, tries: number): number | null {
  if (!isPratiqueError(error)) return null;
  const again = patient.has(error.code) || (passing.has(error.code) && tries < mostTries);
  return again ? Math.min(60_000, 2000 * 2 ** Math.min(tries - 1, 8)) : null;
}

/** Whether what happened at `failed` would happen at `other` too. Each scan has a robot account of its own. */
export function concernsToo(error: unknown, failed: ScanSource, other: ScanSource): boolean {
  if (!isPratiqueError(error) || !ofThePlace.has(error.code)) return true;
  if (failed.registry !== other.registry) return false;
  if (error.code === 'upstream-unreachable') return true;
  if (failed.repository !== other.repository) return false;
  return (
    error.code !== 'upstream-refused' ||
    JSON.stringify(failed.authorization) === JSON.stringify(other.authorization)
  );
}

/** A failure in the words of a job: what happened, and what to do. @param now milliseconds since 1970 */
export function explain(error: unknown, job: ScanJob, now: number): PlainError {
  if (!isPratiqueError(error)) {
    return failure('The scan failed with an error inside Pratique, see its log. Scan the image again.');
  }
  const plain = toPlainError(error, 'vetting-failed');
  if (error.code !== 'upstream-refused') return plain;
  const { registry, authorization } = job.source;
  const waited = now - Date.parse(job.createdAt);
  if (authorization.kind === 'none') {
    const why = `The scan came without credentials, and ${registry} asks for them.`;
    return { ...plain, message: `${why} (${error.message})` };
  }
  const why =
    waited >= longWait
      ? `The robot account of this scan is no longer accepted by ${registry}: it expired or was deleted while the scan waited (${minutes(waited)}). Scan the image again.`
      : `${registry} does not accept the robot account of this scan. Scan the image again; if that fails too, see in Harbor whether robot accounts can pull.`;
  return { ...plain, message: `${why} (${error.message})` };
}

export function deadlinePassed(job: ScanJob, begun: boolean): PlainError {
  const time = minutes(Date.parse(job.deadline) - Date.parse(job.createdAt));
  return failure(
    begun
      ? `The scan was not finished after ${time}. Scan the image again: what was fetched so far is kept.`
      : `The scan waited ${time} behind others and was not begun. Scan the image again, fewer at once, or let Pratique scan more at once.`,
  );
}

export function failure(message: string): PlainError {
  return { code: 'vetting-failed', message, fields: {} };
}

function minutes(milliseconds: number): string {
  const count = Math.max(1, Math.round(milliseconds / 60_000));
  return count === 1 ? '1 minute' : `${count} minutes`;
}
