import type { ErrorCode, PratiqueError } from '../core/errors.ts';

/** The error codes of the distribution specification, "Error Codes", with the status that fits each. */
export const ociErrorTable = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
} as const;

export type OciErrorCode = keyof typeof ociErrorTable;

/** A refusal as the registry API words it. */
export interface OciError {
  readonly status: number;
  readonly code: OciErrorCode;
  readonly message: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
}

export function ociError(code: OciErrorCode, message: string): OciError {
  return { status: ociErrorTable[code], code, message };
}

/** Tells a refusal from the value that a parser gives otherwise. */
export function isOciError(value: object): value is OciError {
  return 'status' in value && 'code' in value && 'message' in value;
}

/**
 * The JSON body of an error. `detail` is a text, because Docker appends it to what it prints; clients read it
 * only with `Content-Type: application/json`.
 */
export function ociErrorBody(code: OciErrorCode, message: string, detail: string): string {
  return JSON.stringify({ errors: [{ code, message, detail }] });
}

/** Seconds, where nobody said how long. */
const defaultRetryAfter = 5;
const longestRetryAfter = 3600;

const codes: Partial<Record<ErrorCode, OciErrorCode>> = {
  'manifest-unknown': 'MANIFEST_UNKNOWN',
  'blob-unknown': 'BLOB_UNKNOWN',
  'registry-unknown': 'NAME_UNKNOWN',
  'reference-invalid': 'NAME_INVALID',
  'upload-unknown': 'BLOB_UPLOAD_UNKNOWN',
  'upload-invalid': 'BLOB_UPLOAD_INVALID',
  'upload-out-of-order': 'BLOB_UPLOAD_INVALID',
  'manifest-blob-unknown': 'MANIFEST_BLOB_UNKNOWN',
  'upstream-throttled': 'TOOMANYREQUESTS',
  'queue-full': 'TOOMANYREQUESTS',
  'puller-limited': 'TOOMANYREQUESTS',
  'storage-full': 'TOOMANYREQUESTS',
};

/**
 * The answer to a named failure. Whatever prevents an inspection is 403 `DENIED` with the reason: it is the one
 * status whose message every client shows, and 5xx would send some of them to another mirror.
 */
export function ociErrorOf(error: PratiqueError): OciError {
  const code = codes[error.code] ?? 'DENIED';
  const answer = ociError(code, error.message);
  return code === 'TOOMANYREQUESTS' ? { ...answer, retryAfter: retryAfterOf(error) } : answer;
}

function retryAfterOf(error: PratiqueError): number {
  const told = error.fields.retryAfter;
  if (typeof told !== 'number' || !Number.isFinite(told)) return defaultRetryAfter;
  return Math.min(Math.max(1, Math.ceil(told)), longestRetryAfter);
}

const longestPhrase = 200;

/**
 * A text as an HTTP/1.1 reason phrase: printable ASCII on one line, at most 200 characters. For HEAD it is the
 * only place where a client can show a reason.
 */
export function reasonPhrase(text: string): string {
  const line = text
    .slice(0, 4 * longestPhrase)
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  if (line === '') return 'Refused';
  return line.length <= longestPhrase ? line : `${line.slice(0, longestPhrase - 3)}...`;
}
