/** Places that are taken for a while, of which one cluster gets half at most: who holds on to his keeps no other one out. */
export class Places {
  readonly #most: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is one for this cluster; then it has to `leave`. */
  enter(cluster: string): boolean {
    const own = this.#taken.get(cluster) ?? 0;
    if (this.#all >= this.#most || own >= this.#most / 2) return false;
    this.#taken.set(cluster, own + 1);
    this.#all += 1;
    return true;
  }

  leave(cluster: string): void {
    const own = this.#taken.get(cluster) ?? 0;
    if (own > 1) this.#taken.set(cluster, own - 1);
    else this.#taken.delete(cluster);
    this.#all -= 1;
  }
}
