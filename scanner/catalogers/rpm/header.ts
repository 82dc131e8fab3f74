/** Types of what a header holds (rpm's "RPM V4 Package format", "Header"). */
const char = 1;
const int8 = 2;
const int16 = 3;
const int32 = 4;
const text = 6;
const textArray = 8;
const translated = 9;
const byteSizes: ReadonlyMap<number, number> = new Map([
  [char, 1],
  [int8, 1],
  [int16, 2],
  [int32, 4],
]);
const textTypes: ReadonlySet<number> = new Set([text, textArray, translated]);

/** Entries and bytes of data that rpm takes at most. */
const mostEntries = 0xffff;
const mostData = 256 * 1024 ** 2;
const entrySize = 16;
/** Values of one tag. The largest packages have some ten thousand files. */
const mostValues = 1_000_000;

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * A package's header as the database keeps it: how many entries and bytes of data, the entries (tag, type, offset,
 * count; all 32 bits, big-endian), the data. Entries after the region, which is as it was in the package, replace
 * those in it.
 */
export class Header {
  readonly #entries: ReadonlyMap<number, Entry>;
  readonly #data: Buffer;

  private constructor(entries: ReadonlyMap<number, Entry>, data: Buffer) {
    this.#entries = entries;
    this.#data = data;
  }

  /** A sentence where the bytes are no header. */
  static of(bytes: Buffer): Header | string {
    if (bytes.length < 8) return 'a header is too short';
    const count = bytes.readUInt32BE(0);
    const size = bytes.readUInt32BE(4);
    const dataAt = 8 + count * entrySize;
    if (count === 0 || count > mostEntries || size > mostData || dataAt + size > bytes.length) {
      return `a header of ${bytes.length} bytes says that it has ${count} entries and ${size} bytes of data`;
    }
    const entries = new Map<number, Entry>();
    for (let at = 8; at < dataAt; at += entrySize) {
      entries.set(bytes.readUInt32BE(at), {
        type: bytes.readUInt32BE(at + 4),
        offset: bytes.readUInt32BE(at + 8),
        count: bytes.readUInt32BE(at + 12),
      });
    }
    return new Header(entries, bytes.subarray(dataAt, dataAt + size));
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  /** The first text of a tag; null where it has none that can be read. */
  text(tag: number): string | null {
    const entry = this.#entries.get(tag);
    if (entry === undefined || !textTypes.has(entry.type) || entry.count === 0) return null;
    const end = this.#endOfText(entry.offset);
    return end < 0 ? null : this.#data.toString('utf8', entry.offset, end);
  }

  /** All texts of a tag; null where it has none, or not all can be read. */
  texts(tag: number): readonly string[] | null {
    const entry = this.#entries.get(tag);
    if (entry === undefined || !textTypes.has(entry.type) || entry.count > mostValues) return null;
    if (entry.count === 0) return [];
    let at = entry.offset;
    for (let missing = entry.count; missing > 0; at++) {
      const byte = this.#data[at];
      if (byte === undefined) return null;
      if (byte === 0) missing--;
    }
    // Lists have many thousand short texts: decoding them at once is far quicker than one by one.
    return this.#data.toString('utf8', entry.offset, at - 1).split('\0');
  }

  /** All unsigned numbers of a tag; null where it has none, or not all can be read. */
  numbers(tag: number): readonly number[] | null {
    const entry = this.#entries.get(tag);
    const size = byteSizes.get(entry?.type ?? 0);
    if (entry === undefined || size === undefined || entry.count > mostValues) return null;
    if (entry.offset + entry.count * size > this.#data.length) return null;
    const numbers: number[] = [];
    const end = entry.offset + entry.count * size;
    for (let at = entry.offset; at < end; at += size) {
      numbers.push(size === 4 ? this.#data.readUInt32BE(at) : this.#data.readUIntBE(at, size));
    }
    return numbers;
  }

  #endOfText(start: number): number {
    return start < this.#data.length ? this.#data.indexOf(0, start) : -1;
  }
}
