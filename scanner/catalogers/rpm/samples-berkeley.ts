export interface SampleBerkeley {
  readonly pageSize?: number;
  readonly order?: 'little' | 'big';
  /** Type of hash pages: 13, or 2 in files of old. */
  readonly hashPage?: number;
}

const headSize = 26;
/** Package numbers on one hash page. */
const perPage = 3;

/** A hash of Berkeley DB: its description, pages of numbers and packages, and overflow pages for the large ones. */
export function berkeleyOf(blobs: readonly Buffer[], sample: SampleBerkeley = {}): Buffer {
  const { pageSize = 512, order = 'little', hashPage = 13 } = sample;
  const pages: Buffer[] = [Buffer.alloc(pageSize)];
  const u32 = (bytes: Buffer, value: number, at: number): unknown =>
    order === 'little' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const u16 = (bytes: Buffer, value: number, at: number): unknown =>
    order === 'little' ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const add = (type: number): { readonly page: number; readonly bytes: Buffer } => {
    const bytes = Buffer.alloc(pageSize);
    const page = pages.length;
    u32(bytes, page, 8);
    bytes.writeUInt8(type, 25);
    pages.push(bytes);
    return { page, bytes };
  };
  const overflow = (rest: Buffer): number => {
    const { page, bytes } = add(7);
    const part = rest.subarray(0, pageSize - headSize);
    bytes.set(part, headSize);
    u16(bytes, part.length, 22);
    if (rest.length > part.length) u32(bytes, overflow(rest.subarray(part.length)), 16);
    return page;
  };
  const keyOf = (number: number): Buffer => {
    const key = Buffer.from([1, 0, 0, 0, 0]);
    u32(key, number, 1);
    return key;
  };
  const itemOf = (blob: Buffer): Buffer => {
    if (blob.length <= pageSize / 4) return Buffer.concat([Buffer.from([1]), blob]);
    const item = Buffer.alloc(12);
    item.writeUInt8(3, 0);
    u32(item, overflow(blob), 4);
    u32(item, blob.length, 8);
    return item;
  };
  const pairs = [
    [keyOf(0), Buffer.from([1, blobs.length, 0, 0, 0])] as const,
    ...blobs.map((blob, i) => [keyOf(i + 1), itemOf(blob)] as const),
  ];
  for (let i = 0; i < pairs.length; i += perPage) {
    // A page that is free, or not used yet, is all zeros.
    pages.push(Buffer.alloc(pageSize));
    const { bytes } = add(hashPage);
    const items = pairs.slice(i, i + perPage).flat();
    let at = pageSize;
    for (const [place, item] of items.entries()) {
      at -= item.length;
      bytes.set(item, at);
      u16(bytes, at, headSize + 2 * place);
    }
    u16(bytes, items.length, 20);
    u16(bytes, at, 22);
  }
  const [meta] = pages;
  if (meta !== undefined) {
    for (const [at, value] of [
      [12, 0x061561],
      [16, 9],
      [20, pageSize],
      [32, pages.length - 1],
      [88, pairs.length],
    ] as const) {
      u32(meta, value, at);
    }
    meta.writeUInt8(8, 25);
  }
  return Buffer.concat(pages);
}
