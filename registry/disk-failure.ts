import { type ErrorFields, errorCode, errorText, PratiqueError } from '../core/errors.ts';

/** No space, no quota, no more files: https://man7.org/linux/man-pages/man3/errno.3.html */
const full = new Set(['ENOSPC', 'EDQUOT']);

/** The disk's failures pass with time, and say nothing of what was to be written. `what`: the beginning of a sentence. */
export function diskFailure(what: string, fields: ErrorFields, error: unknown): PratiqueError {
  return full.has(errorCode(error) ?? '')
    ? new PratiqueError(
        'storage-full',
        `${what}: the disk is full, and nothing more can be evicted. Make room, or lower cache.bytes or raise cache.keepFree`,
        fields,
        error,
      )
    : new PratiqueError('vetting-failed', `${what}: ${errorText(error)}`, fields, error);
}
