/**
 * The worst of any number of things: holds little more than the `most` that come first, and counts all.
 */
export class Worst<Item> {
  readonly #most: number;
  readonly #compare: (a: Item, b: Item) => number;
  #kept: Item[] = [];
  #total = 0;

  /** @param compare below 0 where `a` comes first */
  constructor(most: number, compare: (a: Item, b: Item) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  get total(): number {
    return this.#total;
  }

  add(item: Item): void {
    this.#total += 1;
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#most + 100) this.#cut();
  }

  /** In order, after the first `offset`. */
  list(offset = 0): readonly Item[] {
    this.#cut();
    return this.#kept.slice(offset);
  }

  #cut(): void {
    this.#kept = this.#kept.sort(this.#compare).slice(0, this.#most);
  }
}

/** A list for one cell: the first few, and how many more there are. */
export function few(texts: readonly string[], most: number): readonly string[] {
  return texts.length <= most ? texts : [...texts.slice(0, most), `and ${texts.length - most} more`];
}
