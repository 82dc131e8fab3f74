import { type Found, fault, UsedPages } from './found.ts';

/** Bytes of the page that describes the file, and of the head of every other page. */
export const metaSize = 512;
const headSize = 26;
const overflow = 7;

/** The pages of a Berkeley DB file, in the byte order of the machine that wrote it (db_page.h). */
export class BerkeleyPages {
  readonly #file: Buffer;
  readonly #isLittle: boolean;
  readonly #pageSize: number;
  readonly #used: UsedPages;
  /** Whole pages in the file. */
  readonly count: number;
  /** Pages that the file says it has. */
  readonly stated: number;

  private constructor(file: Buffer, isLittle: boolean, pageSize: number) {
    this.#file = file;
    this.#isLittle = isLittle;
    this.#pageSize = pageSize;
    this.count = Math.floor(file.length / pageSize);
    this.stated = this.#u32(32) + 1;
    this.#used = new UsedPages(this.count);
    this.#used.take(0);
  }

  /** `file` has at least `metaSize` bytes. A sentence where its pages cannot be read. */
  static of(file: Buffer, isLittle: boolean): BerkeleyPages | string {
    const number = (at: number): number => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
    const pageSize = number(20);
    if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
      return `it has pages of ${pageSize} bytes, which Berkeley DB has not`;
    }
    const version = number(16);
    if (version < 7 || version > 10) return `it is a hash of version ${version}, which is not known here`;
    if (file[24] !== 0) return 'it is encrypted';
    if (file[26] !== 0) return 'its pages have checksums or parts elsewhere, which is not read here';
    return new BerkeleyPages(file, isLittle, pageSize);
  }

  head(page: number): { readonly type: number; readonly number: number } {
    const start = page * this.#pageSize;
    return { type: this.#file[start + 25] ?? 0, number: this.#u32(start + 8) };
  }

  /** The items of a hash page in their order; they fill the page from its end. A sentence where they cannot. */
  items(page: number): readonly Buffer[] | string {
    const start = page * this.#pageSize;
    const entries = this.#u16(start + 20);
    const least = headSize + 2 * entries;
    if (least > this.#pageSize) return `page ${page} has more items than fit into it`;
    const items: Buffer[] = [];
    let end = this.#pageSize;
    for (let i = 0; i < entries; i++) {
      const at = this.#u16(start + headSize + 2 * i);
      if (at < least || at >= end) return `the items of page ${page} overlap`;
      items.push(this.#file.subarray(start + at, start + end));
      end = at;
    }
    return items;
  }

  /** What the item of a page refers to: a chain of overflow pages. */
  chain(page: number, item: Buffer): Found {
    const size = this.#u32(8, item);
    const parts: Buffer[] = [];
    let length = 0;
    for (let next = this.#u32(4, item); next !== 0; ) {
      const why = this.#used.take(next) ?? this.#partFault(next);
      if (why !== null) return fault(`a package of page ${page} cannot be followed: ${why}`);
      const start = next * this.#pageSize;
      const part = this.#file.subarray(start + headSize, start + headSize + this.#u16(start + 22));
      parts.push(part);
      length += part.length;
      next = this.#u32(start + 16);
    }
    if (length !== size) return fault(`a package of page ${page} has ${length} bytes instead of ${size}`);
    return { header: Buffer.concat(parts, length) };
  }

  /** How many pages of a type nothing has referred to. */
  unusedOfType(type: number): number {
    let unused = 0;
    for (let page = 1; page < this.count; page++) {
      if (this.head(page).type === type && !this.#used.has(page)) unused += 1;
    }
    return unused;
  }

  #partFault(page: number): string | null {
    const { type, number } = this.head(page);
    if (type !== overflow || number !== page) return `page ${page} is no part of a package`;
    const fits = headSize + this.#u16(page * this.#pageSize + 22) <= this.#pageSize;
    return fits ? null : `page ${page} says that it holds more than it can`;
  }

  #u32(at: number, bytes = this.#file): number {
    return this.#isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #u16(at: number): number {
    return this.#isLittle ? this.#file.readUInt16LE(at) : this.#file.readUInt16BE(at);
  }
}
