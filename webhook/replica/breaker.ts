/** Failures in a row after which nobody is asked for a while. */
const most = 3;
/** Milliseconds. */
const shortest = 5_000;
const longest = 30_000;

/** So that a proxy that is dead costs no review its whole deadline: after some failures in a row nobody waits for a while. */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  #isProbing = false;

  /** @param now milliseconds on a clock that does not jump */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether it may be asked. After the pause one is let through; the others wait for what becomes of it. */
  enter(): boolean {
    if (this.#failures < most) return true;
    if (this.#isProbing || this.#now() < this.#openUntil) return false;
    this.#isProbing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#isProbing = false;
    const pause = Math.min(longest, shortest * 2 ** Math.max(0, this.#failures - most));
    this.#openUntil = this.#now() + pause;
  }

  /** Somebody else has heard of it: the next one may try. */
  retry(): void {
    this.#openUntil = 0;
  }

  /** Whole seconds until somebody is let through; 0: now. */
  get secondsLeft(): number {
    if (this.#failures < most) return 0;
    return Math.max(0, Math.ceil((this.#openUntil - this.#now()) / 1000));
  }
}
