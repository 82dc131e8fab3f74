import type { BlobPlace } from '../source.ts';
import { type ArchiveBytes, openBytes } from './bytes.ts';
import { archiveFault, toArchiveFault } from './fault.ts';
import type { Member, Place } from './members.ts';
import { readMembers } from './members.ts';

/** A tar archive whose members are read where they lie; nothing of it is unpacked to disk. */
export interface Archive {
  readonly file: string;
  readonly has: (path: string) => boolean;
  /** @throws PratiqueError `manifest-invalid` where there is no such member, or none that can be read */
  readonly place: (path: string) => Place;
  /** @throws PratiqueError `manifest-invalid` also where it has more bytes than are wanted */
  readonly read: (path: string, most: number) => Promise<Buffer>;
  readonly stream: (path: string) => AsyncIterable<Uint8Array>;
  /** Where a thread can read a member by itself; null: the archive is compressed. */
  readonly blobPlace: (path: string) => BlobPlace | null;
  /** Whether members are best read one after the other, in the order of their places. */
  readonly forwardOnly: boolean;
  readonly close: () => Promise<void>;
}

/** Links to links. */
const mostLinks = 10;

/** @throws PratiqueError `manifest-invalid`, `limit-exceeded` */
export async function openArchive(file: string): Promise<Archive> {
  let bytes: ArchiveBytes | null = null;
  try {
    bytes = await openBytes(file);
    return await archiveOf(file, bytes);
  } catch (error) {
    await bytes?.close();
    throw toArchiveFault(file, error);
  }
}

async function archiveOf(file: string, bytes: ArchiveBytes): Promise<Archive> {
  const { byPath, twice, contents } = await readMembers(bytes);
  const place = (path: string): Place => {
    let at = path;
    for (let links = 0; links <= mostLinks; links += 1) {
      if (twice.has(at))
        throw archiveFault(file, `it has "${at}" twice, and readers differ on which one counts`);
      const member: Member | undefined = byPath.get(at);
      if (member === undefined)
        throw archiveFault(file, `it has no "${at}"${at === path ? '' : `, to which "${path}" leads`}`);
      if (member.kind === 'file') return member;
      if (member.kind === 'other') throw archiveFault(file, `"${at}": ${member.why}`);
      at = followed(member.target) ?? '';
      if (at === '')
        throw archiveFault(file, `the link "${path}" leads out of the archive, to "${member.target}"`);
    }
    throw archiveFault(file, `"${path}" is a link to a link, more than ${mostLinks} times`);
  };
  const stream = async function* (path: string): AsyncGenerator<Uint8Array> {
    const { position, size } = place(path);
    let left = size;
    try {
      for await (const chunk of bytes.stream(position, size)) {
        left -= chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw toArchiveFault(file, error);
    }
    if (left > 0) throw archiveFault(file, `it ends inside "${path}"`);
  };
  return {
    file,
    has: (path) => byPath.has(path),
    place,
    read: async (path, most) => {
      const { position, size } = place(path);
      if (size > most)
        throw archiveFault(file, `"${path}" has ${size} bytes, at most ${most} are read of it`);
      const kept = contents.get(position);
      if (kept !== undefined) return kept;
      const parts: Uint8Array[] = [];
      for await (const part of stream(path)) parts.push(part);
      return Buffer.concat(parts);
    },
    stream,
    blobPlace: (path) => {
      if (bytes.forwardOnly) return null;
      const { position, size } = place(path);
      return { kind: 'file', file, start: position, size };
    },
    forwardOnly: bytes.forwardOnly,
    close: () => bytes.close(),
  };
}

/** The clean path that a link leads to; null: out of the archive. */
function followed(target: string): string | null {
  const parts: string[] = [];
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length === 0 ? null : parts.join('/');
}
