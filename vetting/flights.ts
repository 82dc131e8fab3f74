/** Who works: with whose rights, and at what. */
export interface FlightOwner {
  readonly rights: object;
  /** Where what is wanted is asked for, and as what. */
  readonly asking: string;
}

/**
 * As `Flights`, for those who come with rights of their own: the failure of another one's work says nothing of one's
 * own, so whoever had joined it tries by itself.
 */
export class OwnedFlights<Value> {
  readonly #inFlight = new Map<string, { readonly owner: FlightOwner; readonly landing: Promise<Value> }>();

  /** @param owner whose work it is; a failure of the same one's is not tried again */
  async run(key: string, owner: FlightOwner, start: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const running = this.#inFlight.get(key);
      if (running === undefined) return this.#start(key, owner, start);
      if (isSame(running.owner, owner)) return running.landing;
      try {
        return await running.landing;
      } catch {
        // That was somebody else's failure.
      }
    }
  }

  #start(key: string, owner: FlightOwner, start: () => Promise<Value>): Promise<Value> {
    const landing = start().finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, { owner, landing });
    return landing;
  }

  get size(): number {
    return this.#inFlight.size;
  }
}

function isSame(one: FlightOwner, other: FlightOwner): boolean {
  return one.rights === other.rights && one.asking === other.asking;
}
