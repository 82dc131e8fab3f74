import { Windows } from '../windows.ts';
import { inflate } from './inflate.ts';
import { mayStart, secondBytes, textStart } from './stream-start.ts';

/** Bytes of a stream that are unpacked to see its first letters; tables take up to some three hundred. */
const looked = 512;
/** Packed lists have some kilobytes, one of two thousand crates fifty. */
const largestPacked = 1024 ** 2;
const firstTry = 64 * 1024;
/** cargo-auditable's own reader takes up to 8 MiB. */
const largestList = 8 * 1024 ** 2;
/** Programs may carry other programs. */
const mostRecords = 16;
/** Streams are unpacked a little to see what they are: so many, and one more in so many bytes. */
const freeLooks = 2000;
const bytesPerLook = 4096;
const firstByte = 0x78;

/** A list as it stood in the program; null: it begins, and could not be unpacked. */
export type FoundList = Buffer | null;

interface Gathering {
  /** Where it starts in the file. */
  readonly start: number;
  readonly bytes: Buffer[];
  filled: number;
  tried: boolean;
}

/**
 * Finds the lists of crates that cargo-auditable links into a program: a zlib stream in the section `.dep-v0`. Sections are not
 * looked for: the table that names them stands behind them, and a stream does not go back. What unpacks to the beginning of
 * such a list is one, in ELF, PE and Mach-O alike.
 */
export class ListSearch {
  readonly lists: FoundList[] = [];
  /** There was more than is looked at. */
  overflow = false;
  readonly #windows = new Windows(0, looked, (bytes, from, to, offset) => {
    this.#look(bytes, from, to, offset);
  });
  #gathering: Gathering[] = [];
  #offset = 0;
  #looks = 0;

  take(bytes: Buffer): void {
    if (this.overflow) return;
    this.#windows.take(bytes);
    const end = this.#offset + bytes.length;
    for (const one of this.#gathering) {
      const from = one.start + one.filled - this.#offset;
      if (from < bytes.length) this.#append(one, bytes.subarray(Math.max(0, from)));
    }
    this.#gathering = this.#gathering.filter((one) => !this.#isDone(one, false));
    this.#offset = end;
  }

  /** Ends the file. */
  end(): void {
    this.#windows.end();
    for (const one of this.#gathering) this.#isDone(one, true);
    this.#gathering = [];
  }

  #look(bytes: Buffer, from: number, to: number, offset: number): void {
    for (let at = bytes.indexOf(firstByte, from); at >= 0 && at < to; at = bytes.indexOf(firstByte, at + 1)) {
      if (!secondBytes.includes(bytes[at + 1] ?? 0) || !mayStart(bytes, at)) continue;
      this.#looks += 1;
      if (this.#looks > freeLooks + (offset + at) / bytesPerLook) {
        this.overflow = true;
        return;
      }
      if (beginsList(bytes.subarray(at, at + looked))) this.#gather(offset + at, bytes.subarray(at));
      if (this.overflow) return;
    }
  }

  #gather(start: number, bytes: Buffer): void {
    if (this.lists.length + this.#gathering.length >= mostRecords) {
      this.overflow = true;
      return;
    }
    const one: Gathering = { start, bytes: [], filled: 0, tried: false };
    this.#append(one, bytes);
    this.#gathering.push(one);
  }

  #append(one: Gathering, bytes: Buffer): void {
    const taken = Buffer.from(bytes.subarray(0, largestPacked - one.filled));
    one.bytes.push(taken);
    one.filled += taken.length;
  }

  /** Whether it is known what it holds. */
  #isDone(one: Gathering, last: boolean): boolean {
    const whole = last || one.filled >= largestPacked;
    if (!whole && (one.tried || one.filled < firstTry)) return false;
    one.tried = true;
    const list = unpacked(Buffer.concat(one.bytes));
    if (list === null && !whole) return false;
    this.lists.push(list);
    return true;
  }
}

function beginsList(bytes: Buffer): boolean {
  const start = inflate(bytes, textStart.length);
  return 'content' in start && start.content.toString('latin1') === textStart;
}

/** What comes behind the stream is left alone. */
function unpacked(bytes: Buffer): Buffer | null {
  const list = inflate(bytes, largestList);
  return list.kind === 'whole' ? list.content : null;
}
