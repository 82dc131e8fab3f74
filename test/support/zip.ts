import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive; what is not plain is for archives that lie. */
export interface ZipEntrySpec {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly stored?: boolean;
  /** The name in its own header, where that differs. */
  readonly localName?: string;
  readonly flags?: number;
  readonly method?: number;
  /** What the central directory says of it, where that is not so. */
  readonly claim?: { readonly bytes?: number; readonly packedBytes?: number; readonly offset?: number };
}

export interface ZipSpec {
  /** Bytes before the archive; offsets count from behind it, as executable jars have it. */
  readonly prefix?: Uint8Array;
  readonly comment?: string;
  /** Sizes and offsets in zip64 fields and records. */
  readonly zip64?: boolean;
  /** How many entries it says it has. */
  readonly count?: number;
}

/** A ZIP archive; equal descriptions give equal bytes. */
export function zipOf(entries: readonly ZipEntrySpec[], spec: ZipSpec = {}): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const packed = entry.stored === true ? content : deflateRawSync(content);
    const method = entry.method ?? (entry.stored === true ? 0 : 8);
    const said = { bytes: content.length, packedBytes: packed.length, offset, ...entry.claim };
    const common = { flags: entry.flags ?? 0, method, crc: crc32(content) };
    const local = localHeader(entry.localName ?? entry.name, common, content.length, packed.length);
    locals.push(local, packed);
    central.push(centralHeader(entry.name, common, said, spec.zip64 === true));
    offset += local.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = endRecords(spec, spec.count ?? entries.length, directory.length, offset);
  return Buffer.concat([spec.prefix ?? Buffer.alloc(0), ...locals, directory, end]);
}

interface Common {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
}

function localHeader(name: string, common: Common, bytes: number, packedBytes: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(common.flags, 6);
  header.writeUInt16LE(common.method, 8);
  header.writeUInt32LE(common.crc, 14);
  header.writeUInt32LE(packedBytes, 18);
  header.writeUInt32LE(bytes, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

function centralHeader(
  name: string,
  common: Common,
  said: { readonly bytes: number; readonly packedBytes: number; readonly offset: number },
  zip64: boolean,
): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(common.flags, 8);
  header.writeUInt16LE(common.method, 10);
  header.writeUInt32LE(common.crc, 16);
  header.writeUInt16LE(Buffer.byteLength(name), 28);
  const sizes = [said.bytes, said.packedBytes, said.offset];
  const extra = zip64 ? Buffer.alloc(28) : Buffer.alloc(0);
  if (zip64) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [at, size] of sizes.entries()) extra.writeBigUInt64LE(BigInt(size), 4 + 8 * at);
  }
  const [bytes = 0, packedBytes = 0, offset = 0] = zip64 ? sizes.map(() => 0xffffffff) : sizes;
  header.writeUInt32LE(packedBytes, 20);
  header.writeUInt32LE(bytes, 24);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, Buffer.from(name), extra]);
}

function endRecords({ comment = '', zip64 = false }: ZipSpec, count: number, size: number, offset: number) {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : count % 65_536, 8);
  end.writeUInt16LE(zip64 ? 0xffff : count % 65_536, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : size, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  const plain = Buffer.concat([end, Buffer.from(comment)]);
  if (!zip64) return plain;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, plain]);
}

/** A Java archive with a class and, for each of `poms`, Maven's descriptor. */
export function jarOf(
  poms: readonly { readonly group: string; readonly artifact: string; readonly version?: string }[],
  more: readonly ZipEntrySpec[] = [],
  spec: ZipSpec = {},
): Buffer {
  const descriptors = poms.map(({ group, artifact, version }) => ({
    name: `META-INF/maven/${group}/${artifact}/pom.properties`,
    content: `#made by a test\n${version === undefined ? '' : `version=${version}\n`}groupId=${group}\nartifactId=${artifact}\n`,
  }));
  return zipOf([{ name: 'org/example/A.class', content: 'cafe' }, ...descriptors, ...more], spec);
}
