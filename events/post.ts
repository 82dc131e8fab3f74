/** A request to a receiver; the same message makes the same body. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP receiver's address and how it is reached. */
export interface HttpTarget {
  /** Secret for some receivers, so it is never logged. */
  readonly url: string;
  /** `Authorization: Bearer`; null: none. */
  readonly token: string | null;
  /** PEM of an authority to trust beside the public ones. */
  readonly ca: string | null;
}

/** Headers of every post. A receiver that gets one message twice knows it by its id. */
export function headersOf(
  target: Pick<HttpTarget, 'token'>,
  messageId: string,
  contentType = 'application/json',
): Record<string, string> {
  return {
    'Content-Type': contentType,
    'User-Agent': 'pratique',
    'X-Pratique-Message-Id': messageId,
    ...(target.token === null ? {} : { Authorization: `Bearer ${target.token}` }),
  };
}
