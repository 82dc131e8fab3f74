/** Keeps a place that fails from being asked again and again. */
export interface Breaker {
  /** Whether it may be asked now. After a rest one request tries it, and the others go on resting until that has ended. */
  mayTry(): boolean;
  succeeded(): void;
  /**
   * @param retryAfter seconds that it has asked for; null: it has not
   * @returns seconds that it is left alone
   */
  failed(retryAfter: number | null): number;
}

/** Seconds of the first rest; each that follows without a success between is twice as long. */
const firstRest = 15;
const longestRest = 300;
/** Seconds for which one request alone tries a place. */
const trial = 60;

/** @param now milliseconds */
export function createBreaker(now: () => number): Breaker {
  let failures = 0;
  let restsUntil = Number.NEGATIVE_INFINITY;
  return {
    mayTry() {
      if (now() < restsUntil) return false;
      if (failures > 0) restsUntil = now() + trial * 1000;
      return true;
    },
    succeeded() {
      failures = 0;
      restsUntil = Number.NEGATIVE_INFINITY;
    },
    failed(retryAfter) {
      failures += 1;
      const rest = Math.min(longestRest, Math.max(firstRest * 2 ** (failures - 1), retryAfter ?? 0));
      restsUntil = now() + rest * 1000;
      return rest;
    },
  };
}
