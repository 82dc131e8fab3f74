import { PratiqueError } from '../../core/errors.ts';
import { type Extension, noExtension, readPax } from './pax.ts';
import {
  blockSize,
  hasValidChecksum,
  isZeroBlock,
  type RawHeader,
  readHeader,
  sparseMapGoesOn,
  unreadable,
} from './tar-header.ts';
import { cleanPath, decodeName, longestPath } from './tar-path.ts';

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

export interface TarEntry {
  /** Clean (see `cleanPath`). */
  readonly path: string;
  readonly type: TarType;
  /** As written; only hard links' are paths from the root. */
  readonly linkName: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits, with setuid, setgid and sticky (chmod(2)). */
  readonly mode: number;
  /** Its stored bytes are not its content. */
  readonly sparse: boolean;
}

/** What of an entry's content is wanted: `content` is called with all of it, or `part` with one piece after the other. */
export type Wanted = 'nothing' | 'whole' | 'parts';

export interface TarVisitor {
  /** Called for every entry, in order. */
  entry(entry: TarEntry): Wanted;
  /** The bytes belong to whoever unpacked them: what is kept has to be copied. */
  content(entry: TarEntry, bytes: Buffer): void;
  /** The bytes belong to whoever unpacked them. False: the rest is not wanted. */
  part(bytes: Buffer): boolean;
  /** There are no more parts, wanted or not. */
  partsEnd(): void;
}

/** Long names and PAX records larger than this are an attack. */
const largestExtension = 1024 * 1024;
/** Types without stored bytes whatever their size field says (as in Go's archive/tar). */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);

/** Bytes that are gathered until they are whole; `take` gets them. */
interface Gathering {
  readonly size: number;
  /** What came of it so far, copied: chunks belong to whoever unpacked them. null: nothing has come. */
  bytes: Buffer | null;
  filled: number;
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
  /** How many of the last bytes to skip are padding: an archive may end within them (as in Go). */
  #padding = 0;
  #gathering: Gathering | null = null;
  /** Bytes of the content that goes to the visitor in parts. */
  #streaming = 0;
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
        const taken = Math.min(left, this.#gathering.size - this.#gathering.filled);
        this.#gather(this.#gathering, bytes.subarray(offset, offset + taken));
        offset += taken;
      } else if (this.#streaming > 0) {
        const taken = Math.min(left, this.#streaming);
        this.#stream(bytes.subarray(offset, offset + taken));
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
    const inside = this.#gathering !== null || this.#streaming > 0 || this.#sparseMap !== null;
    if (inside || this.#skip > this.#padding) {
      throw unreadable(`the archive ends inside "${this.#current}"`);
    }
    if (this.#filled > 0) throw unreadable(`the archive ends inside the header after "${this.#current}"`);
    return true;
  }

  /** Most files lie within one chunk, and are looked at where they lie. */
  #gather(gathering: Gathering, part: Buffer): void {
    if (part.length < gathering.size) {
      gathering.bytes ??= Buffer.allocUnsafe(gathering.size);
      gathering.filled += part.copy(gathering.bytes, gathering.filled);
      if (gathering.filled < gathering.size) return;
    }
    this.#gathering = null;
    gathering.take(gathering.bytes ?? part);
  }

  #stream(part: Buffer): void {
    this.#streaming -= part.length;
    const goesOn = this.#visitor.part(part);
    if (goesOn && this.#streaming > 0) return;
    this.#skip += this.#streaming;
    this.#streaming = 0;
    this.#visitor.partsEnd();
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
      throw new PratiqueError('limit-exceeded', `it has more than ${this.#mostEntries} archive entries`, {
        limit: this.#mostEntries,
      });
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
        // Go's reader forgets what came before a global header, and hands the header out as an entry without
        // taking its records over to the others; extraction then removes what stood at its name.
        this.#forget();
        this.#wantExtension(header, (bytes) => {
          this.#onEntry({ ...header, size: 0 }, readPax(bytes).path);
        });
        return;
      default:
        this.#onEntry(header, null);
    }
  }

  #wantExtension(header: RawHeader, take: (bytes: Buffer) => void): void {
    if (header.size > largestExtension) throw unreadable(`an extended header has ${header.size} bytes`);
    this.#want(header.size, take);
  }

  /** `ownPath`: the name that a global header gives itself. */
  #onEntry(header: RawHeader, ownPath: string | null): void {
    const extension = this.#extension;
    // The order in which Go's reader applies them: PAX, GNU's long name, a sparse file's real name.
    const name = this.#longName ?? extension.path ?? ownPath ?? header.name;
    const type = typeOf(header.type, name);
    const bodiless = headerOnly.has(header.type) || type === 'directory';
    const entry: TarEntry = {
      path: cleanPath(extension.sparseName ?? name),
      type,
      linkName: this.#longLink ?? extension.linkPath ?? header.linkName,
      size: bodiless ? 0 : (extension.size ?? header.size),
      mode: header.mode,
      sparse: header.type === 'S' || extension.sparse,
    };
    this.#forget();
    this.#current = entry.path;
    if (entry.path.length > longestPath || entry.linkName.length > longestPath) {
      throw unreadable(`"${entry.path.slice(0, 80)}…": it or its link target is longer than paths can be`);
    }
    const body = (): void => {
      const wanted = this.#visitor.entry(entry);
      if (wanted === 'whole') this.#want(entry.size, (bytes) => this.#visitor.content(entry, bytes));
      else if (wanted === 'parts') this.#wantParts(entry.size);
      else this.#pass(entry.size, padded(entry.size));
    };
    if (header.extendedSparse) this.#sparseMap = body;
    else body();
  }

  /** Extensions hold for one entry. */
  #forget(): void {
    this.#extension = noExtension;
    this.#longName = null;
    this.#longLink = null;
  }

  /** Gathers `size` bytes, then skips the padding to the next block. */
  #want(size: number, take: (bytes: Buffer) => void): void {
    this.#pass(size, padded(size) - size);
    if (size === 0) take(Buffer.alloc(0));
    else this.#gathering = { size, bytes: null, filled: 0, take };
  }

  #wantParts(size: number): void {
    this.#pass(size, padded(size) - size);
    if (size === 0) this.#visitor.partsEnd();
    else this.#streaming = size;
  }

  /** Skips bytes after a body of `size`. */
  #pass(size: number, skip: number): void {
    // A global header's own padding is still to come when its entry is told.
    if (size === 0) return;
    this.#skip = skip;
    this.#padding = padded(size) - size;
  }
}

function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** GNU long names end with a zero byte; an empty one says nothing. */
function textOf(bytes: Buffer): string | null {
  const end = bytes.indexOf(0);
  const text = decodeName(end < 0 ? bytes : bytes.subarray(0, end));
  return text === '' ? null : text;
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
