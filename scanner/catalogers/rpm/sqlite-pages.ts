import { Budget, overlapping, UsedPages } from './found.ts';
import { readVarint } from './sqlite-record.ts';

/** A row of a table, or what could not be read. */
export type Row = { readonly record: Buffer } | { readonly fault: string };

const leaf = 0x0d;
const interior = 0x05;
/** The file's own header stands before the b-tree page of page 1. */
const fileHeader = 100;

/** The pages of an SQLite file that hold tables (SQLite file format, "B-tree Pages"). Each is read once. */
export class SqlitePages {
  readonly #file: Buffer;
  readonly #pageSize: number;
  /** Bytes of a page without those reserved for extensions. */
  readonly #usable: number;
  readonly #used: UsedPages;
  readonly #budget: Budget;

  constructor(file: Buffer, pageSize: number, reserved: number) {
    this.#file = file;
    this.#pageSize = pageSize;
    this.#usable = pageSize - reserved;
    // Pages count from 1.
    this.#used = new UsedPages(Math.floor(file.length / pageSize) + 1);
    this.#used.take(0);
    this.#budget = new Budget(file.length);
  }

  /** Every row of the table whose tree begins at this page, in the tree's order. */
  *rows(root: number): Generator<Row> {
    const waiting = [root];
    for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
      const fault = this.#used.take(page);
      if (fault !== null) {
        yield { fault };
        continue;
      }
      const bytes = this.#page(page);
      const start = page === 1 ? fileHeader : 0;
      const kind = bytes[start];
      const cellsAt = start + (kind === interior ? 12 : 8);
      const cells = bytes.readUInt16BE(start + 3);
      if (kind !== leaf && kind !== interior) {
        yield { fault: `page ${page} is no page of a table` };
      } else if (cellsAt + 2 * cells > this.#usable) {
        yield { fault: `page ${page} has more cells than fit into it` };
      } else if (kind === interior) {
        waiting.push(bytes.readUInt32BE(start + 8));
        for (let cell = cells - 1; cell >= 0; cell--) {
          const at = bytes.readUInt16BE(cellsAt + 2 * cell);
          if (at + 4 > this.#usable) yield { fault: `a branch of page ${page} does not fit into it` };
          else waiting.push(bytes.readUInt32BE(at));
        }
      } else {
        for (let cell = 0; cell < cells; cell++) {
          const row = this.#row(page, bytes, bytes.readUInt16BE(cellsAt + 2 * cell));
          yield row;
          if ('record' in row && !this.#budget.spend(row.record.length)) {
            yield { fault: overlapping };
            return;
          }
        }
      }
    }
  }

  #page(page: number): Buffer {
    return this.#file.subarray((page - 1) * this.#pageSize, page * this.#pageSize);
  }

  /** The cell of a leaf: payload size, row id, payload; what does not fit goes to overflow pages. */
  #row(page: number, bytes: Buffer, at: number): Row {
    const broken = { fault: `a row of page ${page} does not fit into it` };
    const size = readVarint(bytes, at);
    const id = size === null ? null : readVarint(bytes, size.end);
    if (size === null || id === null) return broken;
    const local = this.#localSize(size.value);
    const end = id.end + local;
    if (end + (local < size.value ? 4 : 0) > this.#usable) return broken;
    const head = bytes.subarray(id.end, end);
    return local === size.value
      ? { record: head }
      : this.#overflow(page, head, size.value, bytes.readUInt32BE(end));
  }

  /** How much of a payload stands in the leaf itself (SQLite file format, "Cell payload"). */
  #localSize(payload: number): number {
    const most = this.#usable - 35;
    if (payload <= most) return payload;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const rest = least + ((payload - least) % (this.#usable - 4));
    return rest <= most ? rest : least;
  }

  #overflow(page: number, head: Buffer, size: number, first: number): Row {
    const parts = [head];
    let missing = size - head.length;
    for (let next = first; missing > 0; ) {
      const fault = next === 0 ? 'it ends too early' : this.#used.take(next);
      if (fault !== null) return { fault: `a row of page ${page} cannot be followed: ${fault}` };
      const bytes = this.#page(next);
      const part = bytes.subarray(4, Math.min(this.#usable, 4 + missing));
      parts.push(part);
      missing -= part.length;
      next = bytes.readUInt32BE(0);
    }
    return { record: Buffer.concat(parts) };
  }
}
