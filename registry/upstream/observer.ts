import type { ErrorCode } from '../../core/errors.ts';

/** What became of a request, by the status or by its lack. */
export type RequestOutcome =
  | 'ok'
  | 'not-found'
  | 'unauthorized'
  | 'refused'
  | 'throttled'
  | 'failed'
  | 'unreachable';

/**
 * Something that happened with an upstream. `place`: the host that was asked, which is the upstream's own or one of its
 * mirrors. Plain data: what threads see is told to the main one.
 */
export type UpstreamEvent = { readonly upstream: string } & (
  | {
      readonly kind: 'answered';
      readonly place: string;
      readonly outcome: RequestOutcome;
      /** Until the head of the answer was there. */
      readonly seconds: number;
    }
  | { readonly kind: 'received'; readonly place: string; readonly bytes: number }
  /** A blob went on where it had been cut. */
  | { readonly kind: 'resumed'; readonly place: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode }
  /** A mirror that is left alone for some seconds. */
  | { readonly kind: 'cooling'; readonly place: string; readonly seconds: number; readonly why: string }
  | {
      readonly kind: 'rate-limit';
      readonly place: string;
      /** Requests; null where it was not said. */
      readonly limit: number | null;
      readonly remaining: number;
    }
);

export type UpstreamObserver = (event: UpstreamEvent) => void;

export const nobody: UpstreamObserver = () => undefined;

/** Events that one thread keeps until it is asked for them; more are summed up or lost. */
const mostKept = 1000;

/** Keeps what happens until somebody takes it; bytes that follow each other from one place are added up. */
export class EventRecorder {
  #events: UpstreamEvent[] = [];

  readonly observe: UpstreamObserver = (event) => {
    const last = this.#events.at(-1);
    if (
      event.kind === 'received' &&
      last?.kind === 'received' &&
      last.upstream === event.upstream &&
      last.place === event.place
    ) {
      this.#events[this.#events.length - 1] = { ...event, bytes: last.bytes + event.bytes };
    } else if (this.#events.length < mostKept) this.#events.push(event);
  };

  take(): readonly UpstreamEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }
}

export function outcomeOf(status: number): RequestOutcome {
  if (status < 400) return 'ok';
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'refused';
    case 404:
      return 'not-found';
    case 429:
      return 'throttled';
    default:
      return 'failed';
  }
}

/** The number at the beginning of `ratelimit-remaining: 98;w=21600`, as Docker Hub writes it; null: there is none. */
export function rateOf(header: string | null): number | null {
  const number = /^\s*(\d{1,12})\s*(?:[;,]|$)/.exec(header ?? '')?.[1];
  return number === undefined ? null : Number(number);
}
