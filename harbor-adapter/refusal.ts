/**
 * A request that is answered with an error of the scanner API (v1.2): 400 cannot be read, 401 who asks, 404 no
 * such thing, 405 method, 422 a field that is not allowed, 500 nothing can be done, 501 not offered here.
 */
export interface Refusal {
  readonly status: 400 | 401 | 404 | 405 | 422 | 500 | 501;
  /** A sentence for the person who reads Harbor's scan log. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refusal(status: Refusal['status'], message: string, headers?: Refusal['headers']): Refusal {
  return headers === undefined ? { status, message } : { status, message, headers };
}

export function isRefusal(value: object): value is Refusal {
  return 'status' in value && typeof value.status === 'number' && 'message' in value;
}

/** Text from outside in a sentence: one line, not endless. */
export function clip(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length <= 150 ? line : `${line.slice(0, 149)}…`;
}
