/**
 * Every error that Pratique names. `transient`: trying again later may help, so the failure is never
 * remembered as a fact about an image.
 */
export const errorTable = {
  'config-invalid': { transient: false },
  'policy-invalid': { transient: false },
  'usage-invalid': { transient: false },
  'port-taken': { transient: false },
  'data-locked': { transient: false },
  'data-unusable': { transient: false },

  'reference-invalid': { transient: false },
  'registry-unknown': { transient: false },
  /** The configuration says that it is not asked for. */
  'repository-denied': { transient: true },

  'upstream-unreachable': { transient: true },
  'upstream-refused': { transient: true },
  'upstream-throttled': { transient: true },
  'upstream-misbehaved': { transient: true },
  'manifest-unknown': { transient: true },
  'manifest-invalid': { transient: false },
  'manifest-too-large': { transient: false },
  'blob-unknown': { transient: true },
  'blob-truncated': { transient: true },
  'digest-mismatch': { transient: true },

  'upload-unknown': { transient: false },
  'upload-invalid': { transient: false },
  /** Field `offset`: the byte with which it has to go on. */
  'upload-out-of-order': { transient: false },
  'manifest-blob-unknown': { transient: false },
  'tag-immutable': { transient: false },

  'image-config-invalid': { transient: false },
  'layer-unreadable': { transient: false },
  'limit-exceeded': { transient: false },
  'queue-full': { transient: true },
  /** Of one who pulls; field `retryAfter`, seconds. Says nothing to others who ask for the same. */
  'puller-limited': { transient: true },
  /** The disk has no room, and nothing more could be evicted. */
  'storage-full': { transient: true },
  /** A push would pass what a repository or user may have. */
  'quota-exceeded': { transient: false },
  'vetting-failed': { transient: true },

  /** Another scanner, which decides here, cannot be asked. */
  'scanner-unavailable': { transient: true },
  /** It was asked, and gave no report that can be read. */
  'scanner-failed': { transient: true },

  'advisories-missing': { transient: true },
  'advisories-unreadable': { transient: false },
  /** A scheduled update while somebody has gone back to older ones. */
  'advisories-held': { transient: false },

  'harbor-unreachable': { transient: true },
  'harbor-refused': { transient: false },
  'harbor-misbehaved': { transient: true },

  /** Of the proxy that a gate on its own feet follows. */
  'proxy-unreachable': { transient: true },
  'proxy-refused': { transient: true },
  /** What it says cannot be the proxy's word, and is not believed. */
  'proxy-misbehaved': { transient: true },
} as const satisfies Record<string, { transient: boolean }>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorFields = Readonly<Record<string, string | number | boolean | null>>;

/**
 * A named failure. `message` is a sentence for a person: it names the thing, says what was found and what to
 * do. `fields` holds the same facts for the log.
 */
export class PratiqueError extends Error {
  override readonly name = 'PratiqueError';
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fields = fields;
  }

  get transient(): boolean {
    return errorTable[this.code].transient;
  }
}

/** Across realms (worker threads, Jest) `instanceof` is not to be trusted, so the shape is what counts. */
export function isPratiqueError(error: unknown): error is PratiqueError {
  return error instanceof Error && error.name === 'PratiqueError' && 'code' in error;
}

/** The `code` that Node, OpenSSL or SQLite has given an error (`ENOENT`); null where it has none. By shape, as above. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A failure as it crosses a thread boundary, where classes are lost. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fields: ErrorFields;
}

export function toPlainError(error: unknown, fallback: ErrorCode): PlainError {
  if (isPratiqueError(error)) return { code: error.code, message: error.message, fields: error.fields };
  const message = error instanceof Error ? error.message : String(error);
  return { code: fallback, message, fields: {} };
}

export function fromPlainError(plain: PlainError): PratiqueError {
  return new PratiqueError(plain.code, plain.message, plain.fields);
}

/** The words of any thrown thing, with the cause that Node hides behind "fetch failed" and its like. By shape, as above. */
export function errorText(error: unknown): string {
  const message = messageOf(error);
  if (message === null) return String(error);
  const cause = messageOf((error as { readonly cause?: unknown }).cause);
  return cause === null || cause === '' ? message : `${message}: ${cause}`;
}

function messageOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('message' in error)) return null;
  return typeof error.message === 'string' ? error.message : null;
}
