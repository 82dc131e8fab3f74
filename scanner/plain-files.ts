/** Characters of paths that are kept: beyond, hard links cost an event each. */
const mostText = 8 * 1024 ** 2;
const separator = '\0';
const encoding = 'utf16le';
const bytesPerCharacter = 2;

/**
 * Files of one layer that are known to be no programs, so that hard links to them need not be told. Until somebody asks
 * they are just written down one after the other: most layers have no hard links, and a set of all paths would cost
 * more than the rest of the walk.
 */
export class PlainFiles {
  #written: Buffer = Buffer.alloc(64 * 1024);
  #end = 0;
  #text = 0;
  #paths: Set<string> | null = null;

  add(path: string): void {
    if (this.#text + path.length > mostText) return;
    this.#text += path.length + 1;
    if (this.#paths !== null) this.#paths.add(path);
    else this.#write(`+${path}${separator}`);
  }

  delete(path: string): void {
    if (this.#paths !== null) this.#paths.delete(path);
    else if (this.#text > 0) this.#write(`-${path}${separator}`);
  }

  has(path: string): boolean {
    this.#paths ??= this.#read();
    return this.#paths.has(path);
  }

  #write(line: string): void {
    const bytes = line.length * bytesPerCharacter;
    if (this.#end + bytes > this.#written.length) {
      const larger = Buffer.alloc(2 * (this.#end + bytes));
      this.#written.copy(larger, 0, 0, this.#end);
      this.#written = larger;
    }
    this.#end += this.#written.write(line, this.#end, encoding);
  }

  #read(): Set<string> {
    const paths = new Set<string>();
    const lines = this.#written.toString(encoding, 0, this.#end).split(separator);
    this.#written = Buffer.alloc(0);
    for (const line of lines) {
      if (line.startsWith('+')) paths.add(line.slice(1));
      else paths.delete(line.slice(1));
    }
    return paths;
  }
}
