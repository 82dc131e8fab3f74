const hour = 3_600_000;

/** How many messages may go out in any hour. Kept in memory: a restart begins anew. */
export class HourlyLimit {
  readonly #most: number | null;
  #sent: number[] = [];

  /** @param most null: no limit */
  constructor(most: number | null) {
    this.#most = most;
  }

  /** How many more may go out. @param now milliseconds since 1970 */
  room(now: number): number {
    if (this.#most === null) return Number.POSITIVE_INFINITY;
    // Also what lies in the future, after a clock was set back.
    this.#sent = this.#sent.filter((at) => at > now - hour && at <= now);
    return this.#most - this.#sent.length;
  }

  /** Milliseconds until there is room; 0 where there is. */
  wait(now: number): number {
    if (this.room(now) > 0) return 0;
    return (this.#sent[0] ?? now) + hour - now;
  }

  sent(now: number): void {
    if (this.#most !== null) this.#sent.push(now);
  }
}
