import { alignment, headLength, mark, readRecord } from './record.ts';

/** One build record as it stands in a program. */
export interface FoundRecord {
  readonly toolchain: string;
  /** Framed; null: there are more bytes than are read, or the file ends before them. */
  readonly modules: Buffer | null;
}

/** Kubernetes' list has 20,000 bytes. */
const largestModules = 4 * 1024 ** 2;
/** Universal binaries hold one for each architecture, and programs may carry other programs. */
const mostRecords = 64;
/** Bytes of all lists of one file. */
const mostModules = 16 * 1024 ** 2;
/** Programs that deal with build records hold two or three marks that begin none. */
const mostMarks = 10_000;

const [firstOfMark, secondOfMark] = mark;

interface Gathering {
  /** Where it starts in the file. */
  readonly start: number;
  readonly bytes: Buffer;
  filled: number;
  /** null: it is to be seen what it is. */
  readonly inline: { readonly toolchain: string; readonly modulesAt: number } | null;
}

/**
 * Finds Go's build records in a program, part by part, in one pass. Of programs within programs each is found. Where
 * sections lie is not looked at: a mark that is aligned and followed by what the linker writes is a record.
 */
export class RecordSearch {
  readonly records: FoundRecord[] = [];
  /** A record as Go wrote them before 1.18 was seen. */
  addresses = false;
  /** There was more than is looked at. */
  overflow = false;
  /** Offset in the file of the next byte. */
  #offset = 0;
  /** The last bytes, which may be the start of a mark. */
  #carry: Buffer = Buffer.alloc(0);
  #gathering: Gathering | null = null;
  #marks = 0;
  #modules = 0;

  take(bytes: Buffer): void {
    const waiting: Buffer[] = [bytes];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.length === 0 || this.overflow) continue;
      if (this.#gathering === null) this.#search(next, waiting);
      else this.#gather(this.#gathering, next, waiting);
    }
  }

  /** Ends the file. */
  end(): void {
    while (this.#gathering !== null) {
      const { start, bytes, filled, inline } = this.#gathering;
      if (inline !== null) {
        this.#gathering = null;
        this.#keep({ toolchain: inline.toolchain, modules: null });
      } else {
        const waiting: Buffer[] = [];
        this.#look(start, bytes.subarray(0, filled), true, waiting);
        for (const rest of waiting.reverse()) this.take(rest);
      }
    }
  }

  #search(bytes: Buffer, waiting: Buffer[]): void {
    const start = this.#find(bytes);
    if (start === null) {
      this.#carry = Buffer.concat([this.#carry, bytes.subarray(-mark.length)]).subarray(1 - mark.length);
      this.#offset += bytes.length;
      return;
    }
    const gathering = { start, bytes: Buffer.allocUnsafe(headLength), filled: 0, inline: null };
    const before = Math.max(0, this.#offset - start);
    gathering.filled = this.#carry.copy(gathering.bytes, 0, this.#carry.length - before);
    const passed = Math.max(0, start - this.#offset);
    this.#offset += passed;
    this.#carry = Buffer.alloc(0);
    this.#gathering = gathering;
    waiting.push(bytes.subarray(passed));
  }

  /** The offset in the file of the first mark in its place that starts in the bytes carried over or in these. */
  #find(bytes: Buffer): number | null {
    if (this.#carry.length > 0) {
      const seam = Buffer.concat([this.#carry, bytes.subarray(0, mark.length - 1)]);
      const start = aligned(seam, this.#offset - this.#carry.length);
      if (start !== null) return start;
    }
    return aligned(bytes, this.#offset);
  }

  #gather(gathering: Gathering, bytes: Buffer, waiting: Buffer[]): void {
    const taken = bytes.copy(gathering.bytes, gathering.filled);
    gathering.filled += taken;
    this.#offset += taken;
    waiting.push(bytes.subarray(taken));
    if (gathering.filled < gathering.bytes.length) return;
    if (gathering.inline === null) this.#look(gathering.start, gathering.bytes, false, waiting);
    else {
      this.#gathering = null;
      const { toolchain, modulesAt } = gathering.inline;
      this.#keep({ toolchain, modules: gathering.bytes.subarray(modulesAt) });
    }
  }

  /** Decides what a mark is the start of; what was gathered too much is looked through again. */
  #look(start: number, head: Buffer, last: boolean, waiting: Buffer[]): void {
    this.#gathering = null;
    const again = (from: number): void => {
      this.#offset = start + from;
      waiting.push(head.subarray(from));
    };
    this.#marks += 1;
    if (this.#marks > mostMarks) this.overflow = true;
    const record = readRecord(head);
    if (record === null || record.kind === 'addresses') {
      this.addresses ||= record !== null;
      again(1);
      return;
    }
    const { toolchain, modulesAt, modulesLength } = record;
    const end = modulesAt + modulesLength;
    if (end <= head.length) {
      this.#keep({ toolchain, modules: Buffer.from(head.subarray(modulesAt, end)) });
      again(end);
    } else if (last || modulesLength > largestModules) {
      this.#keep({ toolchain, modules: null });
      again(modulesAt);
    } else {
      const bytes = Buffer.allocUnsafe(end);
      this.#gathering = { start, bytes, filled: head.copy(bytes), inline: { toolchain, modulesAt } };
    }
  }

  #keep(record: FoundRecord): void {
    const same = this.records.some(
      ({ toolchain, modules }) =>
        toolchain === record.toolchain &&
        (modules === null || record.modules === null
          ? modules === record.modules
          : modules.equals(record.modules)),
    );
    if (same) return;
    this.#modules += record.modules?.length ?? 0;
    if (this.records.length < mostRecords && this.#modules <= mostModules) this.records.push(record);
    else this.overflow = true;
  }
}

/**
 * The first mark in its place; `offset`: where the bytes lie in the file. Only where one may stand is looked: one byte of
 * sixteen, which is several times faster than a search through all of them.
 */
function aligned(bytes: Buffer, offset: number): number | null {
  const last = bytes.length - mark.length;
  for (let at = (alignment - (offset % alignment)) % alignment; at <= last; at += alignment) {
    if (bytes[at] !== firstOfMark || bytes[at + 1] !== secondOfMark) continue;
    if (mark.equals(bytes.subarray(at, at + mark.length))) return offset + at;
  }
  return null;
}
