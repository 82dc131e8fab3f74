/**
 * Places that are taken for a while, of which one who asks, such as a cluster or a namespace, gets half at most: who holds on to
 * his keeps no other one out.
 */
export class Places {
  readonly #most: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is one for him; then he has to `leave`. */
  enter(who: string): boolean {
    const own = this.#taken.get(who) ?? 0;
    if (this.#all >= this.#most || own >= this.#most / 2) return false;
    this.#taken.set(who, own + 1);
    this.#all += 1;
    return true;
  }

  leave(who: string): void {
    const own = this.#taken.get(who) ?? 0;
    if (own > 1) this.#taken.set(who, own - 1);
    else this.#taken.delete(who);
    this.#all -= 1;
  }
}
