/** Reads times that findings name; many name the same. */
export class Dates {
  readonly #read = new Map<string, number>();

  /** Milliseconds since 1970; NaN: nobody says. */
  read(text: string | null): number {
    if (text === null) return Number.NaN;
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const read = Date.parse(text);
    this.#read.set(text, read);
    return read;
  }
}
