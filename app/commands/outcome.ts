import { type ErrorCode, isPratiqueError } from '../../core/errors.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import { type Console, exitCodes } from '../console.ts';

const { ok, fail, usage, undecided } = exitCodes;

/** What a named error means to whoever called the program: something to correct, or no answer. */
const codes: Record<ErrorCode, number> = {
  'config-invalid': usage,
  'policy-invalid': usage,
  'usage-invalid': usage,
  'port-taken': usage,
  'data-locked': usage,
  'data-unusable': usage,
  'reference-invalid': usage,
  'advisories-unreadable': usage,
  'advisories-held': usage,
  'harbor-refused': usage,

  'upload-unknown': undecided,
  'upload-invalid': undecided,
  'upload-out-of-order': undecided,
  'manifest-blob-unknown': undecided,
  'tag-immutable': undecided,

  'registry-unknown': undecided,
  'repository-denied': undecided,
  'upstream-unreachable': undecided,
  'upstream-refused': undecided,
  'upstream-throttled': undecided,
  'upstream-misbehaved': undecided,
  'manifest-unknown': undecided,
  'manifest-invalid': undecided,
  'manifest-too-large': undecided,
  'blob-unknown': undecided,
  'blob-truncated': undecided,
  'digest-mismatch': undecided,
  'image-config-invalid': undecided,
  'layer-unreadable': undecided,
  'limit-exceeded': undecided,
  'queue-full': undecided,
  'puller-limited': undecided,
  'storage-full': undecided,
  'quota-exceeded': undecided,
  'vetting-failed': undecided,
  'scanner-unavailable': undecided,
  'scanner-failed': undecided,
  'advisories-missing': undecided,
  'harbor-unreachable': undecided,
  'harbor-misbehaved': undecided,
  'proxy-unreachable': undecided,
  'proxy-refused': undecided,
  'proxy-misbehaved': undecided,
};

const statuses: Record<VerdictStatus, number> = {
  pass: ok,
  warn: ok,
  fail,
  error: undecided,
  pending: undecided,
};

/** Exit code of `scan` and `verdict`. What is let through ends well, though the mode of a binding alone does so. */
export function exitCodeOf(status: VerdictStatus, allowed: boolean): number {
  if (allowed) return ok;
  return statuses[status] === ok ? fail : statuses[status];
}

/**
 * Runs a command; the one place that turns errors into text and an exit code. A named error is a message
 * for a person, any other is a defect and is told with its stack.
 * @param unexpected the exit code of a defect: no answer for commands that judge, else as for wrong usage
 */
export async function guarded(
  console: Console,
  unexpected: number,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (isPratiqueError(error)) {
      console.err(error.message);
      return codes[error.code];
    }
    console.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return unexpected;
  }
}
