/**
 * Looks at what starts in `bytes` from `from` on and before `to`; the rest of them is there to be read along.
 * @param offset where `bytes` begin in the file
 */
export type Look = (bytes: Buffer, from: number, to: number, offset: number) => void;

const nothing = Buffer.alloc(0);

/**
 * Cuts a stream so that every place of it is looked at once, with `back` bytes before it and `reach` bytes from it on, or as
 * many as the file has. Bytes are copied at the seams alone.
 */
export class Windows {
  readonly #back: number;
  readonly #reach: number;
  readonly #look: Look;
  /** The last bytes that came: up to `back` that were looked at, then those that were not. */
  #carry: Buffer = nothing;
  /** Of these so many were looked at. */
  #seen = 0;
  /** Where the carried bytes begin in the file. */
  #offset = 0;

  constructor(back: number, reach: number, look: Look) {
    this.#back = back;
    this.#reach = reach;
    this.#look = look;
  }

  take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#carry.length === 0) {
      this.#advance(bytes, 0);
      return;
    }
    const seamEnd = this.#back + this.#reach;
    if (bytes.length <= seamEnd) {
      this.#advance(Buffer.concat([this.#carry, bytes]), this.#seen);
      return;
    }
    const seam = Buffer.concat([this.#carry, bytes.subarray(0, seamEnd)]);
    // Beyond `back` these bytes themselves have all that is needed.
    const until = this.#carry.length + this.#back;
    this.#look(seam, this.#seen, until, this.#offset);
    this.#offset += this.#carry.length;
    this.#advance(bytes, this.#back);
  }

  /** Ends the file. */
  end(): void {
    if (this.#carry.length > this.#seen)
      this.#look(this.#carry, this.#seen, this.#carry.length, this.#offset);
    this.#carry = nothing;
    this.#seen = 0;
  }

  /** @param bytes from the carried offset on  @param seen so many of them were looked at */
  #advance(bytes: Buffer, seen: number): void {
    const until = Math.max(seen, bytes.length - this.#reach);
    if (until > seen) this.#look(bytes, seen, until, this.#offset);
    const keep = Math.max(0, until - this.#back);
    this.#carry = Buffer.from(bytes.subarray(keep));
    this.#seen = until - keep;
    this.#offset += keep;
  }
}
