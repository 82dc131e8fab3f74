/** Paths that are kept, and their characters: a layer with more costs an event for each of its hard links. */
const mostPaths = 200_000;
const mostText = 8 * 1024 ** 2;

/** Files of one layer that are known to be no programs, so that hard links to them need not be told. */
export class PlainFiles {
  readonly #paths = new Set<string>();
  #text = 0;

  add(path: string): void {
    if (this.#paths.size >= mostPaths || this.#text + path.length > mostText || this.#paths.has(path)) return;
    this.#paths.add(path);
    this.#text += path.length;
  }

  delete(path: string): void {
    if (this.#paths.delete(path)) this.#text -= path.length;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }
}
