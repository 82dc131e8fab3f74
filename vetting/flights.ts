/** One piece of work per key, however many ask; forgotten when it lands. */
export class Flights<Value> {
  readonly #inFlight = new Map<string, Promise<Value>>();

  run(key: string, start: () => Promise<Value>): Promise<Value> {
    const running = this.#inFlight.get(key);
    if (running !== undefined) return running;
    const flight = start().finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, flight);
    return flight;
  }

  has(key: string): boolean {
    return this.#inFlight.has(key);
  }

  get size(): number {
    return this.#inFlight.size;
  }
}

/**
 * As `Flights`, for those who come with rights of their own: the failure of another one's work says nothing of one's
 * own, so whoever had joined it tries by itself.
 */
export class OwnedFlights<Value> {
  readonly #inFlight = new Map<string, { readonly owner: object; readonly landing: Promise<Value> }>();

  /** @param owner whose rights the work uses; a failure of the same one's is not tried again */
  async run(key: string, owner: object, start: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const running = this.#inFlight.get(key);
      if (running === undefined) return this.#start(key, owner, start);
      if (running.owner === owner) return running.landing;
      try {
        return await running.landing;
      } catch {
        // That was somebody else's failure.
      }
    }
  }

  #start(key: string, owner: object, start: () => Promise<Value>): Promise<Value> {
    const landing = start().finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, { owner, landing });
    return landing;
  }

  get size(): number {
    return this.#inFlight.size;
  }
}
