/** What was done last, for whoever has to find out why an answer was wrong. */
export class Journal {
  readonly #lines: string[] = [];
  readonly #start = performance.now();
  readonly counts = new Map<string, number>();

  /** @param what counted by this; @param detail what a person reads */
  add(actor: string, what: string, detail: string, from = performance.now()): void {
    const at = (time: number): string => ((time - this.#start) / 1000).toFixed(3);
    this.#lines.push(`${at(from)}-${at(performance.now())} ${actor}: ${what} ${detail}`);
    if (this.#lines.length > 200_000) this.#lines.splice(0, 100_000);
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** All of it that is kept. */
  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** The last lines, and before them the last ones that name any of the texts. */
  last(about: readonly string[]): string {
    const named = this.#lines.filter((line) => about.some((text) => line.includes(text))).slice(-40);
    return ['about it:', ...named, 'last:', ...this.#lines.slice(-25)].join('\n');
  }
}
