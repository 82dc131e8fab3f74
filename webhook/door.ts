import type { ClientAuthority } from './client-certificates.ts';

/** A path that takes JSON by POST. One row of the table in `doors.ts`; everything before and after it is the server's. */
export interface Door {
  readonly path: string;
  /** What is posted there, for people: `a review`. */
  readonly takes: string;
  /** The one version of TLS that it may be asked by; left out: whatever the server speaks. */
  readonly protocol?: 'TLSv1.3';
  /** One of which has signed the client's certificate; null or left out: anybody is answered. */
  readonly clients?: ClientAuthority | null;
  /**
   * The body is there in full and within bounds; it has not been looked at.
   * @throws what is an error in Pratique itself; it is logged, and answered with 500
   */
  handle(call: Call): Promise<Answer>;
}

/** One request to a door. */
export interface Call {
  readonly body: Buffer;
  readonly query: URLSearchParams;
  /** Milliseconds since its headers were there. */
  elapsed(): number;
}

export interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain; charset=utf-8';
  readonly body: string;
  /** Done when the answer is on its way: what nobody has to wait for. */
  readonly after?: () => void;
}

export function json(value: object, after?: () => void): Answer {
  const answer = { status: 200, type: 'application/json', body: JSON.stringify(value) } as const;
  return after === undefined ? answer : { ...answer, after };
}

/** @param text a sentence for whoever has set up the client */
export function problem(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: text };
}
