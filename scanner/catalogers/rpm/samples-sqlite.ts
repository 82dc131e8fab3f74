/** How a sample file is laid out; sizes in bytes. */
export interface SampleSqlite {
  readonly pageSize?: number;
  readonly reserved?: number;
  readonly table?: string;
}

/** Children of a branch: few, so that trees grow high. */
const fanOut = 3;

/** An SQLite file with one table, and these blobs in it: table pages, branches and overflow pages as SQLite lays them. */
export function sqliteOf(blobs: readonly Buffer[], sample: SampleSqlite = {}): Buffer {
  const file = new SampleFile(sample.pageSize ?? 1024, sample.reserved ?? 0);
  const rows = blobs.map((blob) =>
    record([
      [0, Buffer.alloc(0)],
      [12 + 2 * blob.length, blob],
    ]),
  );
  const root = file.tree(rows);
  const table = sample.table ?? 'Packages';
  const schema = [
    text('table'),
    text(table),
    text(table),
    [4, int32(root)] as const,
    text(`CREATE TABLE ${table} …`),
  ];
  file.schema(record(schema));
  return file.bytes();
}

type Value = readonly [type: number, bytes: Buffer];

function text(value: string): Value {
  const bytes = Buffer.from(value);
  return [13 + 2 * bytes.length, bytes];
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function varint(value: number): Buffer {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    groups.unshift((rest % 128) | 128);
  return Buffer.from(groups);
}

function record(values: readonly Value[]): Buffer {
  const types = Buffer.concat(values.map(([type]) => varint(type)));
  return Buffer.concat([varint(types.length + 1), types, ...values.map(([, bytes]) => bytes)]);
}

interface Branch {
  readonly page: number;
  readonly lastId: number;
}

class SampleFile {
  readonly #pageSize: number;
  readonly #reserved: number;
  readonly #pages: Buffer[];

  constructor(pageSize: number, reserved: number) {
    this.#pageSize = pageSize;
    this.#reserved = reserved;
    this.#pages = [Buffer.alloc(pageSize)];
  }

  bytes(): Buffer {
    const [first] = this.#pages;
    first?.write('SQLite format 3\0', 0, 'latin1');
    first?.writeUInt16BE(this.#pageSize === 65_536 ? 1 : this.#pageSize, 16);
    first?.set([1, 1, this.#reserved, 64, 32, 32], 18);
    for (const [at, value] of [
      [24, 7],
      [28, this.#pages.length],
      [44, 4],
      [56, 1],
      [92, 7],
    ] as const) {
      first?.writeUInt32BE(value, at);
    }
    return Buffer.concat(this.#pages);
  }

  schema(row: Buffer): void {
    const [first] = this.#pages;
    if (first !== undefined) this.#write(first, 100, 0x0d, [this.#cell(1, row)]);
  }

  /** The page at which a table of these rows begins. */
  tree(rows: readonly Buffer[]): number {
    const root = this.#add().page;
    let level = this.#leaves(rows);
    while (level.length > 1) {
      const above: Branch[] = [];
      for (let i = 0; i < level.length; i += fanOut) above.push(this.#branch(level.slice(i, i + fanOut)));
      level = above;
    }
    // The topmost page is made last, and has its place before the others, as in a table that has grown.
    const top = this.#pages.pop();
    if (top !== undefined) this.#pages[root - 1] = top;
    return root;
  }

  #leaves(rows: readonly Buffer[]): Branch[] {
    const leaves: Branch[] = [];
    let cells: Buffer[] = [];
    let room = this.#usable - 8;
    const finish = (lastId: number): void => {
      const { page, bytes } = this.#add();
      this.#write(bytes, 0, 0x0d, cells);
      leaves.push({ page, lastId });
      cells = [];
      room = this.#usable - 8;
    };
    for (const [i, row] of rows.entries()) {
      const cell = this.#cell(i + 1, row);
      if (cell.length + 2 > room) finish(i);
      room -= cell.length + 2;
      cells.push(cell);
    }
    finish(rows.length);
    return leaves;
  }

  #branch(children: readonly Branch[]): Branch {
    const { page, bytes } = this.#add();
    const last = children.at(-1) ?? { page: 0, lastId: 0 };
    const cells = children
      .slice(0, -1)
      .map((child) => Buffer.concat([int32(child.page), varint(child.lastId)]));
    this.#write(bytes, 0, 0x05, cells);
    bytes.writeUInt32BE(last.page, 8);
    return { page, lastId: last.lastId };
  }

  /** A leaf's cell; what SQLite would not put into the leaf goes to overflow pages. */
  #cell(id: number, row: Buffer): Buffer {
    const head = Buffer.concat([varint(row.length), varint(id)]);
    if (row.length <= this.#usable - 35) return Buffer.concat([head, row]);
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const fill = least + ((row.length - least) % (this.#usable - 4));
    const local = fill <= this.#usable - 35 ? fill : least;
    return Buffer.concat([head, row.subarray(0, local), int32(this.#overflow(row.subarray(local)))]);
  }

  #overflow(rest: Buffer): number {
    const { page, bytes } = this.#add();
    const size = this.#usable - 4;
    bytes.set(rest.subarray(0, size), 4);
    if (rest.length > size) bytes.writeUInt32BE(this.#overflow(rest.subarray(size)), 0);
    return page;
  }

  #write(bytes: Buffer, start: number, type: number, cells: readonly Buffer[]): void {
    const pointers = start + (type === 0x05 ? 12 : 8);
    let at = this.#usable;
    for (const [i, cell] of cells.entries()) {
      at -= cell.length;
      bytes.set(cell, at);
      bytes.writeUInt16BE(at, pointers + 2 * i);
    }
    bytes.writeUInt8(type, start);
    bytes.writeUInt16BE(cells.length, start + 3);
    bytes.writeUInt16BE(at % 65_536, start + 5);
  }

  #add(): { readonly page: number; readonly bytes: Buffer } {
    const bytes = Buffer.alloc(this.#pageSize);
    this.#pages.push(bytes);
    return { page: this.#pages.length, bytes };
  }

  get #usable(): number {
    return this.#pageSize - this.#reserved;
  }
}
