import { PratiqueError } from '../../../core/errors.ts';
import { type Extension, noExtension, readPax } from '../../../scanner/archive/pax.ts';
import {
  blockSize,
  hasValidChecksum,
  isZeroBlock,
  type RawHeader,
  readHeader,
  unreadable,
} from '../../../scanner/archive/tar-header.ts';
import { cleanPath, decodeName, longestPath, parentOf } from '../../../scanner/archive/tar-path.ts';
import type { ArchiveBytes } from './bytes.ts';

/** Where the content of a file lies in the archive, bytes. */
export interface Place {
  readonly position: number;
  readonly size: number;
}

export type Member =
  | ({ readonly kind: 'file' } & Place)
  /** To another member of the archive. */
  | { readonly kind: 'link'; readonly target: string }
  /** A device, or a file that is not stored as it is: why it is not read. */
  | { readonly kind: 'other'; readonly why: string };

/** What the headers of an archive tell. */
export interface Members {
  readonly byPath: ReadonlyMap<string, Member>;
  /** Paths that more than one member has. */
  readonly twice: ReadonlySet<string>;
  /** Of small members of which JSON may be asked, by their position: read on the way. */
  readonly contents: ReadonlyMap<number, Buffer>;
}

/** An archive of images has a few for each layer. */
const mostMembers = 100_000;
/** Characters of all their names. */
const mostNames = 16 * 1024 * 1024;
/** Bytes of one header's long name or records. */
const largestExtension = 64 * 1024;
/** Where nothing can be read twice cheaply, members up to this size are kept; bytes. */
const keptMember = 4 * 1024 * 1024;
const keptTogether = 32 * 1024 * 1024;

/**
 * Reads the headers of a tar archive and passes over what is between.
 * @throws PratiqueError `layer-unreadable`, `limit-exceeded`, with the end of a sentence about the archive
 */
export async function readMembers(bytes: ArchiveBytes): Promise<Members> {
  const reading = new MembersReading(bytes);
  await reading.walk();
  return reading;
}

class MembersReading implements Members {
  readonly byPath = new Map<string, Member>();
  readonly twice = new Set<string>();
  readonly contents = new Map<number, Buffer>();
  readonly #bytes: ArchiveBytes;
  #at = 0;
  #members = 0;
  #names = 0;
  #kept = 0;
  #pax: Extension = noExtension;
  #longName: string | null = null;
  #longLink: string | null = null;

  constructor(bytes: ArchiveBytes) {
    this.#bytes = bytes;
  }

  async walk(): Promise<void> {
    for (;;) {
      const block = await this.#bytes.read(this.#at, blockSize);
      // As Go's reader takes it, an archive may end without the two blocks of zeros.
      if (block.length === 0 && this.#at > 0) return;
      if (block.length < blockSize) throw unreadable('it ends inside a header');
      if (this.#at === 0 && !isZeroBlock(block) && !hasValidChecksum(block))
        throw unreadable('it is no tar archive');
      this.#at += blockSize;
      if (isZeroBlock(block)) return;
      this.#members += 1;
      if (this.#members > mostMembers) {
        throw new PratiqueError('limit-exceeded', `it has more than ${mostMembers} members`);
      }
      await this.#header(readHeader(block));
    }
  }

  async #header(header: RawHeader): Promise<void> {
    const { type } = header;
    if (type === 'x' || type === 'L' || type === 'K') {
      const content = await this.#extension(header);
      if (type === 'x') this.#pax = readPax(content);
      else if (type === 'L') this.#longName = textOf(content);
      else this.#longLink = textOf(content);
      return;
    }
    const pax = this.#pax;
    const name = pax.sparseName ?? this.#longName ?? pax.path ?? header.name;
    const link = this.#longLink ?? pax.linkPath ?? header.linkName;
    this.#pax = noExtension;
    this.#longName = null;
    this.#longLink = null;
    const size = bodiless.has(type) ? 0 : (pax.size ?? header.size);
    const position = this.#at;
    this.#at += Math.ceil(size / blockSize) * blockSize;
    if (!Number.isSafeInteger(this.#at)) throw unreadable(`"${shown(name)}" is said to have ${size} bytes`);
    if (type === 'g' || isFolder(type, name)) return;
    const sparse = header.type === 'S' || pax.sparse;
    this.#add(name, memberOf(type, name, link, sparse, { position, size }));
    await this.#verifyEnd(name, position, size);
  }

  #add(name: string, member: Member): void {
    if (name.split('/').includes('..')) {
      throw unreadable(`its member "${shown(name)}" would lie outside of where it is unpacked`);
    }
    const path = cleanPath(name);
    this.#names += path.length;
    if (path.length > longestPath || this.#names > mostNames) {
      throw new PratiqueError(
        'limit-exceeded',
        'its members have longer names than an archive of images has',
      );
    }
    if (this.byPath.has(path)) this.twice.add(path);
    else this.byPath.set(path, member);
  }

  /** The last byte has to be there, or the header has lied. */
  async #verifyEnd(name: string, position: number, size: number): Promise<void> {
    if (size === 0) return;
    const keep = this.#bytes.forwardOnly && size <= keptMember && this.#kept + size <= keptTogether;
    if (keep) {
      const content = await this.#bytes.read(position, size);
      if (content.length < size) throw unreadable(`it ends inside "${shown(name)}"`);
      if (content[0] !== 0x7b && content[0] !== 0x5b) return;
      this.#kept += size;
      this.contents.set(position, content);
      return;
    }
    const last = await this.#bytes.read(position + size - 1, 1);
    if (last.length === 0) throw unreadable(`it ends inside "${shown(name)}"`);
  }

  async #extension({ size, name }: RawHeader): Promise<Buffer> {
    if (size > largestExtension) throw unreadable(`an extended header has ${size} bytes`);
    const content = await this.#bytes.read(this.#at, size);
    if (content.length < size) throw unreadable(`it ends inside "${shown(name)}"`);
    this.#at += Math.ceil(size / blockSize) * blockSize;
    return content;
  }
}

/** Types without stored bytes whatever their size field says (as in Go's archive/tar). */
const bodiless = new Set(['1', '2', '3', '4', '5', '6']);
const files = new Set(['0', '7', '\0', 'S']);

function isFolder(type: string, name: string): boolean {
  return type === '5' || (type === '\0' && name.endsWith('/'));
}

function memberOf(type: string, name: string, link: string, sparse: boolean, place: Place): Member {
  if (sparse) return { kind: 'other', why: 'it is stored as a sparse file' };
  if (type === '1') return { kind: 'link', target: link };
  if (type === '2')
    return { kind: 'link', target: link.startsWith('/') ? link : `${parentOf(cleanPath(name))}/${link}` };
  if (files.has(type)) return { kind: 'file', ...place };
  return { kind: 'other', why: 'it is neither a file nor a link' };
}

function textOf(content: Buffer): string | null {
  const end = content.indexOf(0);
  const text = decodeName(end < 0 ? content : content.subarray(0, end));
  return text === '' ? null : text;
}

function shown(name: string): string {
  return name.length <= 100 ? name : `${name.slice(0, 99)}…`;
}
