import { type Extension, readPax } from './pax.ts';
import {
  blockSize,
  hasValidChecksum,
  isZeroBlock,
  type RawHeader,
  readHeader,
  sparseMapGoesOn,
  unreadable,
} from './tar-header.ts';
import { cleanPath, decodeName } from './tar-path.ts';

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

export interface TarEntry {
  /** Clean (see `cleanPath`). */
  readonly path: string;
  readonly type: TarType;
  /** As written; only hard links' are paths from the root. */
  readonly linkName: string;
  /** Bytes. */
  readonly size: number;
  /** Its stored bytes are not its content. */
  readonly sparse: boolean;
}

export interface TarVisitor {
  /** Called for every entry, in order. True: its content is wanted (`content` follows). */
  entry(entry: TarEntry): boolean;
  content(entry: TarEntry, bytes: Buffer): void;
}

/** Long names and PAX records larger than this are an attack. */
const largestExtension = 1024 * 1024;
/** Entries without stored bytes whatever their size field says (as in Go's archive/tar). */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
const noExtension: Extension = { path: null, linkPath: null, size: null, sparse: false };

/** Bytes that are gathered until they are whole; `take` gets them. */
interface Gathering {
  readonly chunks: Buffer[];
  missing: number;
  readonly take: (bytes: Buffer) => void;
}

/**
 * Walks a tar stream chunk by chunk as Go's archive/tar reads it, skipping bodies that nobody wants by
 * arithmetic. Two zero blocks end the archive; what follows is not looked at.
 */
export class TarWalker {
  readonly #visitor: TarVisitor;
  readonly #mostEntries: number;
  #state: 'start' | 'walking' | 'ended' | 'not-tar' = 'start';
  readonly #block = Buffer.alloc(blockSize);
  #filled = 0;
  #skip = 0;
  #gathering: Gathering | null = null;
  #sparseMap: (() => void) | null = null;
  #zeroBlocks = 0;
  #entries = 0;
  #extension: Extension = noExtension;
  #longName: string | null = null;
  #longLink: string | null = null;
  #current = '';

  constructor(visitor: TarVisitor, mostEntries: number) {
    this.#visitor = visitor;
    this.#mostEntries = mostEntries;
  }

  /** @throws PratiqueError `layer-unreadable`, `limit-exceeded` */
  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let offset = 0;
    while (offset < bytes.length && (this.#state === 'start' || this.#state === 'walking')) {
      const left = bytes.length - offset;
      if (this.#gathering !== null) {
        const taken = Math.min(left, this.#gathering.missing);
        this.#gather(this.#gathering, bytes.subarray(offset, offset + taken));
        offset += taken;
      } else if (this.#skip > 0) {
        const taken = Math.min(left, this.#skip);
        this.#skip -= taken;
        offset += taken;
      } else {
        const taken = Math.min(left, blockSize - this.#filled);
        bytes.copy(this.#block, this.#filled, offset, offset + taken);
        this.#filled += taken;
        offset += taken;
        if (this.#filled === blockSize) {
          this.#filled = 0;
          this.#onBlock();
        }
      }
    }
  }

  /**
   * Ends the stream. Returns whether it was a tar at all; an empty stream is an empty archive.
   * @throws PratiqueError `layer-unreadable` when it was cut
   */
  end(): boolean {
    if (this.#state === 'not-tar') return false;
    if (this.#state === 'ended') return true;
    if (this.#state === 'start') return this.#filled === 0;
    if (this.#gathering !== null || this.#skip > 0 || this.#sparseMap !== null) {
      throw unreadable(`the archive ends inside "${this.#current}"`);
    }
    if (this.#filled > 0) throw unreadable(`the archive ends inside the header after "${this.#current}"`);
    return true;
  }

  #gather(gathering: Gathering, part: Buffer): void {
    gathering.chunks.push(part);
    gathering.missing -= part.length;
    if (gathering.missing > 0) return;
    this.#gathering = null;
    // Copied, because chunks belong to whoever unpacked them.
    gathering.take(Buffer.concat(gathering.chunks));
  }

  #onBlock(): void {
    if (this.#sparseMap !== null) {
      if (sparseMapGoesOn(this.#block)) return;
      const go = this.#sparseMap;
      this.#sparseMap = null;
      go();
      return;
    }
    if (isZeroBlock(this.#block)) {
      this.#zeroBlocks += 1;
      this.#state = this.#zeroBlocks === 2 ? 'ended' : 'walking';
      return;
    }
    if (this.#zeroBlocks > 0) throw unreadable('a zero block is followed by something that is no zero block');
    if (this.#state === 'start' && !hasValidChecksum(this.#block)) {
      this.#state = 'not-tar';
      return;
    }
    this.#state = 'walking';
    this.#entries += 1;
    if (this.#entries > this.#mostEntries) {
      throw unreadable(`the archive has more than ${this.#mostEntries} entries (limits.layerEntries)`);
    }
    this.#onHeader(readHeader(this.#block));
  }

  #onHeader(header: RawHeader): void {
    this.#current = header.name;
    switch (header.type) {
      case 'x':
        this.#wantExtension(header, (bytes) => {
          this.#extension = readPax(bytes);
        });
        return;
      case 'L':
        this.#wantExtension(header, (bytes) => {
          this.#longName = textOf(bytes);
        });
        return;
      case 'K':
        this.#wantExtension(header, (bytes) => {
          this.#longLink = textOf(bytes);
        });
        return;
      case 'g':
        // Global records: container runtimes take none of them over.
        this.#skip = padded(header.size);
        return;
      default:
        this.#onEntry(header);
    }
  }

  #wantExtension(header: RawHeader, take: (bytes: Buffer) => void): void {
    if (header.size > largestExtension) throw unreadable(`an extended header has ${header.size} bytes`);
    this.#want(header.size, take);
  }

  #onEntry(header: RawHeader): void {
    const extension = this.#extension;
    const name = extension.path ?? this.#longName ?? header.name;
    const entry: TarEntry = {
      path: cleanPath(name),
      type: typeOf(header.type, name),
      linkName: extension.linkPath ?? this.#longLink ?? header.linkName,
      size: headerOnly.has(header.type) ? 0 : (extension.size ?? header.size),
      sparse: header.type === 'S' || extension.sparse,
    };
    this.#extension = noExtension;
    this.#longName = null;
    this.#longLink = null;
    this.#current = entry.path;
    const body = (): void => {
      if (this.#visitor.entry(entry)) this.#want(entry.size, (bytes) => this.#visitor.content(entry, bytes));
      else this.#skip = padded(entry.size);
    };
    if (header.extendedSparse) this.#sparseMap = body;
    else body();
  }

  /** Gathers `size` bytes, then skips the padding to the next block. */
  #want(size: number, take: (bytes: Buffer) => void): void {
    this.#skip = padded(size) - size;
    if (size === 0) take(Buffer.alloc(0));
    else this.#gathering = { chunks: [], missing: size, take };
  }
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** GNU long names end with a zero byte. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

function typeOf(flag: string, name: string): TarType {
  switch (flag) {
    case '0':
    case '7':
    case 'S':
      return 'file';
    case '\0':
      return name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '5':
      return 'directory';
    default:
      return 'other';
  }
}
