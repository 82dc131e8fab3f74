import type { Digest } from '../core/digest.ts';
import { errorTable, type PlainError, PratiqueError } from '../core/errors.ts';
import type { BlobClearance, Clearance } from '../core/ports/gate.ts';
import type { Verdict } from '../core/verdict.ts';

/** What a verdict makes of an image. */
export function judged(digest: Digest, platform: string | null, verdict: Verdict): Clearance {
  return {
    digest,
    status: verdict.status,
    reasons: verdict.reasons,
    platforms: [{ platform, digest, status: verdict.status, verdict, failure: null }],
    transient: false,
  };
}

/** It will become something else by itself. */
export function pending(digest: Digest, platform: string | null, reason: string): Clearance {
  return {
    digest,
    status: 'pending',
    reasons: [reason],
    platforms: [{ platform, digest, status: 'pending', verdict: null, failure: null }],
    transient: true,
  };
}

/** There is no verdict, because the image could not be had or looked at. */
export function failed(digest: Digest, platform: string | null, failure: PlainError): Clearance {
  return {
    digest,
    status: 'error',
    reasons: [failure.message],
    platforms: [{ platform, digest, status: 'error', verdict: null, failure }],
    transient: errorTable[failure.code].transient,
  };
}

/** Refused for what the manifest itself is. */
export function refusal(digest: Digest, reasons: readonly string[]): Clearance {
  return { digest, status: 'error', reasons, platforms: [], transient: false };
}

/** Of a blob that no manifest of the repository is known to refer to. */
export function noHolder(repository: string, digest: Digest): BlobClearance {
  return {
    status: 'error',
    reasons: [`no manifest that was pulled from ${repository} refers to ${digest}: pull the image first`],
    size: 0,
    transient: false,
    fetch: () => neverFetched(digest),
  };
}

export function neverFetched(digest: Digest): Promise<never> {
  return Promise.reject(new PratiqueError('blob-unknown', 'a refused blob is never fetched', { digest }));
}
