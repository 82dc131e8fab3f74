import { frameEnd, frameLength, frameStart } from './record.ts';

/** Kubernetes' list has 20,000 bytes. */
const largestList = 4 * 1024 ** 2;
/** Programs may carry other programs. */
const mostLists = 64;
/** Bytes of all lists of one file. */
const mostBytes = 16 * 1024 ** 2;

/** Few programs hold these four bytes of a frame, and a search for so few is several times faster. */
const rare = frameStart.subarray(2, 6);
/** What a list begins with. Programs that deal with lists hold frames around nothing. */
const begins = Buffer.from('path\t');
const headLength = frameLength + begins.length;

const versionStart = Buffer.from('go1.');
/** Of a toolchain's name, the zeros around it included. */
const longestVersion = 80;
const versionText = /^go1\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?:(?:rc|beta)[0-9]{1,3})?(?:[ +-][ -~]*)?$/;
const mostVersions = 16;

const empty = Buffer.alloc(0);
const firstRoom = 64 * 1024;

/**
 * Finds what a program knows of its build (runtime/debug.ReadBuildInfo, runtime.Version) in its data: some are linked
 * without the record that points to it, and before Go 1.18 the record held addresses. In one pass over any parts.
 */
export class LooseSearch {
  /** Without their frames. */
  readonly lists: Buffer[] = [];
  /** Some list was longer than is read, or cut; or there were more than are read. */
  cut = false;
  readonly #versions = new Set<string>();
  #bytes = 0;
  /** The last bytes, which may hold the start of a version. */
  #text: Buffer = empty;
  /** The last bytes that belong to no list, which may hold the start of one. */
  #carry: Buffer = empty;
  #gathered: Buffer | null = null;
  #filled = 0;

  /** What may be the toolchain's name, in order. */
  get versions(): readonly string[] {
    return [...this.#versions].sort();
  }

  take(bytes: Buffer): void {
    this.#findVersions(Buffer.concat([this.#text, bytes.subarray(0, longestVersion)]));
    this.#findVersions(bytes);
    this.#text = Buffer.concat([this.#text, bytes.subarray(-longestVersion)]).subarray(-longestVersion);
    let from = this.#gathered === null ? this.#overSeam(bytes) : 0;
    while (from < bytes.length) {
      from = this.#gathered === null ? this.#search(bytes, from) : this.#gather(bytes, from);
    }
  }

  end(): void {
    this.cut ||= this.#gathered !== null;
    this.#gathered = null;
  }

  /** A list whose head begins in what was carried over and ends in these bytes. @returns where to go on in them */
  #overSeam(bytes: Buffer): number {
    const carried = this.#carry.length;
    const seam = Buffer.concat([this.#carry, bytes.subarray(0, headLength - 1)]);
    const start = startIn(seam, 0);
    if (start === null) {
      // Where few bytes come at a time, a head lies in more than two parts.
      if (bytes.length < headLength) this.#carry = seam.subarray(1 - headLength);
      return bytes.length < headLength ? bytes.length : 0;
    }
    this.#gathered = Buffer.allocUnsafe(firstRoom);
    this.#filled = this.#carry.copy(this.#gathered, 0, Math.min(carried, start + frameLength));
    this.#carry = empty;
    return Math.max(0, start + frameLength - carried);
  }

  #search(bytes: Buffer, from: number): number {
    const start = startIn(bytes, from);
    if (start === null) {
      this.#carry = Buffer.from(bytes.subarray(Math.max(from, bytes.length + 1 - headLength)));
      return bytes.length;
    }
    this.#gathered = Buffer.allocUnsafe(firstRoom);
    this.#filled = 0;
    this.#carry = empty;
    return start + frameLength;
  }

  /** Takes what belongs to the list; where to go on. */
  #gather(bytes: Buffer, from: number): number {
    const room = Math.min(bytes.length - from, largestList + frameLength - this.#filled);
    const buffer = this.#withRoom(this.#filled + room);
    bytes.copy(buffer, this.#filled, from, from + room);
    const looked = Math.max(0, this.#filled - frameLength);
    this.#filled += room;
    const end = buffer.subarray(0, this.#filled).indexOf(frameEnd, looked);
    if (end >= 0) {
      this.#gathered = null;
      this.#keep(Buffer.from(buffer.subarray(0, end)));
      return from + room - (this.#filled - end - frameLength);
    }
    if (this.#filled >= largestList + frameLength) {
      this.#gathered = null;
      this.cut = true;
    }
    return from + room;
  }

  #withRoom(bytes: number): Buffer {
    const now = this.#gathered ?? empty;
    if (bytes <= now.length) return now;
    const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * now.length));
    now.copy(larger, 0, 0, this.#filled);
    this.#gathered = larger;
    return larger;
  }

  #keep(list: Buffer): void {
    if (this.lists.some((one) => one.equals(list))) return;
    this.#bytes += list.length;
    if (this.lists.length < mostLists && this.#bytes <= mostBytes) this.lists.push(list);
    else this.cut = true;
  }

  /** Texts that stand alone between zeros, as the linker puts those that it fills in. */
  #findVersions(bytes: Buffer): void {
    for (let at = bytes.indexOf(versionStart); at >= 0; at = bytes.indexOf(versionStart, at + 1)) {
      if (at === 0 || bytes[at - 1] !== 0) continue;
      const end = bytes.subarray(at, at + longestVersion - 1).indexOf(0);
      const text = end < 0 ? '' : bytes.toString('latin1', at, at + end);
      if (versionText.test(text) && this.#versions.size < mostVersions) this.#versions.add(text);
    }
  }
}

/** Where the frame of a list begins, all of its head being there; null: nowhere. */
function startIn(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(rare, from); at >= 0; at = bytes.indexOf(rare, at + 1)) {
    const head = bytes.subarray(Math.max(from, at - 2), at - 2 + headLength);
    if (head.subarray(0, frameLength).equals(frameStart) && head.subarray(frameLength).equals(begins))
      return at - 2;
  }
  return null;
}
