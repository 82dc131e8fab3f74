/** Gives the next bytes, at most as many as fit; 0 at the end. */
export type ReadInto = (target: Uint8Array) => number;

const pieceSize = 64 * 1024;

/** Reads a stream of bytes bit by bit, the highest bit of a byte first, as bzip2 writes them. */
export class Bits {
  readonly #read: ReadInto;
  readonly #piece = new Uint8Array(pieceSize);
  #length = 0;
  #at = 0;
  /** Bits that were taken from the piece and not yet given out, in the low `#held` bits. */
  #buffer = 0;
  #held = 0;

  constructor(read: ReadInto) {
    this.#read = read;
  }

  /**
   * @param count 1 to 24
   * @throws Error where the stream ends before that
   */
  take(count: number): number {
    while (this.#held < count) {
      if (!this.#fill()) throw new Error('it ends too early');
      this.#buffer = ((this.#buffer & 0xffffff) << 8) | (this.#piece[this.#at++] ?? 0);
      this.#held += 8;
    }
    this.#held -= count;
    return (this.#buffer >>> this.#held) & ((1 << count) - 1);
  }

  /** An unsigned number of 32 bits. */
  word(): number {
    return this.take(16) * 0x10000 + this.take(16);
  }

  /** Throws away what is left of the current byte. */
  align(): void {
    this.#held -= this.#held % 8;
  }

  /** Whether nothing follows. To be asked at a byte's border. */
  atEnd(): boolean {
    return this.#held === 0 && !this.#fill();
  }

  #fill(): boolean {
    if (this.#at < this.#length) return true;
    this.#at = 0;
    this.#length = this.#read(this.#piece);
    return this.#length > 0;
  }
}
