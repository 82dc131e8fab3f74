/** A value that may have had, from `from` until `until` (milliseconds of `performance.now`). */
interface Span<Value> {
  readonly value: Value;
  readonly from: number;
  until: number;
}

/**
 * What something is over time, as far as an onlooker can tell. While a change is under way both the old and the new value
 * count; after a crash they do until somebody sees which one it is. Answers are compared with every value that
 * held at some time while they were asked for, so that many may ask and change at once.
 */
export class Timeline<Value> {
  #spans: Span<Value>[];

  constructor(value: Value) {
    this.#spans = [{ value, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }];
  }

  /** From now on it may be this too. */
  begin(value: Value, at = performance.now()): void {
    this.#spans.push({ value, from: at, until: Number.POSITIVE_INFINITY });
  }

  /** From now on it is one of these, and nothing else. */
  settle(values: readonly Value[], at = performance.now()): void {
    for (const span of this.#spans) {
      if (span.until === Number.POSITIVE_INFINITY && !values.includes(span.value)) span.until = at;
    }
    if (this.now().length === 0) throw new Error('settled on what it cannot be');
  }

  /** A change that nobody can see half of. */
  set(value: Value): void {
    this.begin(value);
    this.settle([value]);
  }

  /** All that it may be now. */
  now(): readonly Value[] {
    return this.during(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** All that it may have been at some time between the two. */
  during(from: number, to: number): readonly Value[] {
    const held = this.#spans.filter((span) => span.from <= to && span.until >= from);
    return [...new Set(held.map(({ value }) => value))];
  }
}
