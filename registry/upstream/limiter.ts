import { PratiqueError } from '../../core/errors.ts';

/** Field `by` of what is refused here, and not by the upstream. */
export const ownLimit = 'limits';

/** What an upstream may be asked for; left out: as much as comes. */
export interface UpstreamLimits {
  /** Requests in flight, their bodies included. */
  readonly concurrency?: number;
  readonly requestsPerSecond?: number;
}

/** Lets requests to one upstream through, in their order. */
export interface Limiter {
  /**
   * Waits for its turn.
   * @returns gives the place back; called again it does nothing
   * @throws PratiqueError `upstream-throttled` after the longest wait, or where too many wait; the signal's reason
   */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** Counts requests that were made without `enter`: later ones wait for them. Below 0: fewer were made than entered. */
  charge(requests: number): void;
  /** Requests that wait, and that are in flight. */
  readonly load: { readonly waiting: number; readonly inFlight: number };
}

/** Milliseconds; clients and gateways give up soon after. */
const longestWait = 20_000;
const mostWaiting = 1000;
/** Requests that may follow each other at once after a rest: a second's worth, but at least one. */
const burstOf = (perSecond: number): number => Math.max(1, perSecond);

interface Waiting {
  readonly start: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * @param dependencies `now`: milliseconds of a clock that never goes back; `later` calls after so many milliseconds and
 * returns how to prevent it
 */
export function createLimiter(
  upstream: string,
  limits: UpstreamLimits,
  dependencies: {
    readonly now: () => number;
    readonly later: (work: () => void, milliseconds: number) => () => void;
    readonly longestWait?: number;
  } = systemTime,
): Limiter {
  const { now, later } = dependencies;
  const patience = dependencies.longestWait ?? longestWait;
  const { concurrency = Number.POSITIVE_INFINITY, requestsPerSecond = null } = limits;
  const burst = requestsPerSecond === null ? 0 : burstOf(requestsPerSecond);
  let tokens = burst;
  let filledAt = now();
  let inFlight = 0;
  let wake: (() => void) | null = null;
  const queue = new Set<Waiting>();

  const refill = (): void => {
    if (requestsPerSecond === null) return;
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * requestsPerSecond);
    filledAt = at;
  };
  /** Milliseconds until the next token is there. */
  const untilToken = (): number =>
    requestsPerSecond === null || tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / requestsPerSecond) * 1000);

  const turn = (): void => {
    refill();
    for (const waiting of queue) {
      if (inFlight >= concurrency) return;
      if (untilToken() > 0) break;
      queue.delete(waiting);
      inFlight += 1;
      if (requestsPerSecond !== null) tokens -= 1;
      waiting.start();
    }
    if (queue.size === 0 || wake !== null) return;
    wake = later(
      () => {
        wake = null;
        turn();
      },
      Math.max(1, untilToken()),
    );
  };

  const throttled = (why: string): PratiqueError =>
    new PratiqueError(
      'upstream-throttled',
      `the upstream ${upstream} is asked for all that its limits here allow (${shown(limits)}), ${why}; come back later`,
      { upstream, by: ownLimit, retryAfter: Math.max(1, Math.ceil(untilToken() / 1000)) },
    );

  return {
    async enter(signal) {
      signal?.throwIfAborted();
      if (queue.size >= mostWaiting) throw throttled(`and ${queue.size} requests wait`);
      await new Promise<void>((start, fail) => {
        const over = (): void => {
          queue.delete(waiting);
          forget();
          signal?.removeEventListener('abort', aborted);
        };
        const waiting: Waiting = {
          start: () => {
            over();
            start();
          },
          fail: (error) => {
            over();
            fail(error instanceof Error ? error : new Error(String(error)));
          },
        };
        const aborted = (): void => waiting.fail(signal?.reason);
        const forget = later(
          () => waiting.fail(throttled(`and no turn came within ${patience / 1000} seconds`)),
          patience,
        );
        signal?.addEventListener('abort', aborted, { once: true });
        queue.add(waiting);
        turn();
      });
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inFlight -= 1;
        turn();
      };
    },
    charge(requests) {
      refill();
      // A debt is paid within a minute, however large.
      if (requestsPerSecond !== null) {
        tokens = Math.min(burst, Math.max(tokens - requests, -60 * requestsPerSecond));
      }
    },
    get load() {
      return { waiting: queue.size, inFlight };
    },
  };
}

const systemTime = {
  now: () => performance.now(),
  later: (work: () => void, milliseconds: number) => {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Of upstreams without limits. */
export const unlimited: Limiter = {
  enter: (signal) => {
    signal?.throwIfAborted();
    return Promise.resolve(() => undefined);
  },
  charge: () => undefined,
  load: { waiting: 0, inFlight: 0 },
};

function shown({ concurrency, requestsPerSecond }: UpstreamLimits): string {
  return [
    ...(concurrency === undefined ? [] : [`${concurrency} at once`]),
    ...(requestsPerSecond === undefined ? [] : [`${requestsPerSecond} a second`]),
  ].join(', ');
}
