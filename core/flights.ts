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
