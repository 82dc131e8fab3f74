import { closeSync, constants, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { TarEntry, TarType } from './archive/tar-walker.ts';
import { EventCollector } from './collector.ts';
import type { LayerAnalysis } from './layer.ts';
import { defaultLayerLimits, type LayerLimits } from './limits.ts';
import { nameOf, rawNames, realPath } from './real-names.ts';

/**
 * Reads an unpacked root filesystem. Links are never followed and devices never opened; file names that look
 * like whiteouts are just names.
 * @throws PratiqueError `usage-invalid` when the folder cannot be read, `limit-exceeded`
 */
export async function analyseDirectory(
  root: string,
  limits: LayerLimits = defaultLayerLimits,
): Promise<LayerAnalysis> {
  const collector = new EventCollector(limits);
  const folders: string[] = [''];
  const buffer = Buffer.allocUnsafe(partBytes);
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await namesIn(root, folder, collector)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      entries += 1;
      if (entries > limits.entries) {
        throw new PratiqueError('limit-exceeded', `${root} has more than ${limits.entries} files`, { root });
      }
      const seen = seenAt(root, path, collector);
      if (seen === null || kernelFolders.has(path)) continue;
      const { entry } = seen;
      if (entry.type === 'directory') folders.push(path);
      const wanted = collector.plainEntry(entry);
      if (wanted === 'whole') readInto(collector, root, entry);
      else if (wanted === 'parts') readParts(collector, root, seen, buffer);
    }
  }
  const sizes = { compressedBytes: 0, uncompressedBytes: 0 };
  return { diffId: null, tar: true, ...sizes, ...collector.told() };
}

async function namesIn(root: string, folder: string, collector: EventCollector): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(realPath(root, folder), atOnce)) names.push(nameOf(name));
  } catch (error) {
    if (folder === '') {
      throw new PratiqueError(
        'usage-invalid',
        `${root} cannot be read as a folder: ${errorText(error)}`,
        { root },
        error,
      );
    }
    collector.unread(folder, `the folder cannot be read: ${errorText(error)}`);
  }
  return names.sort();
}

/** Names that are asked for at once. */
const atOnce = { ...rawNames, bufferSize: 512 };

/** What the kernel shows there is no content of the root; on a running system it has no end. */
const kernelFolders = new Set(['proc', 'sys', 'dev']);

interface Seen {
  readonly entry: TarEntry;
  /** Somebody may run it. */
  readonly executable: boolean;
}

/** null: it could not be looked at (gone meanwhile), which was told. */
function seenAt(root: string, path: string, collector: EventCollector): Seen | null {
  try {
    return lookAt(root, path);
  } catch (error) {
    collector.unread(path, `it cannot be looked at: ${errorText(error)}`);
    return null;
  }
}

/** Synchronous, as all that is done for every file: a round through the event loop costs several times the look. */
function lookAt(root: string, path: string): Seen {
  const full = realPath(root, path);
  const stat = lstatSync(full);
  const type: TarType = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other';
  const linkName = type === 'symlink' ? nameOf(readlinkSync(full, rawNames)) : '';
  const size = type === 'file' ? stat.size : 0;
  const entry = { path, type, linkName, size, mode: stat.mode & 0o7777, sparse: false };
  return { entry, executable: (stat.mode & 0o111) !== 0 };
}

/**
 * Should a link have taken the file's place meanwhile, opening it fails; should a pipe have, opening does not wait for
 * its other end.
 */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function readInto(collector: EventCollector, root: string, entry: TarEntry): void {
  let bytes: Buffer;
  try {
    bytes = wholeOf(root, entry);
  } catch (error) {
    collector.unread(entry.path, `it cannot be read: ${errorText(error)}`);
    return;
  }
  collector.content(bytes);
}

/** @throws Error also where the file became shorter while it was read */
function wholeOf(root: string, { path, size }: TarEntry): Buffer {
  const file = openSync(realPath(root, path), readOnly);
  try {
    const bytes = Buffer.allocUnsafe(size);
    for (let filled = 0; filled < size; ) {
      const read = readSync(file, bytes, filled, size - filled, filled);
      if (read === 0) throw new Error('it became shorter while it was read');
      filled += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Bytes that are read at once of a program; the first ones tell whether it is one. */
const partBytes = 256 * 1024;
const firstBytes = 4096;

/**
 * What cannot be read is told if somebody could run it, or if it was a program as far as it was read: of other files
 * nothing but their first bytes is wanted.
 */
function readParts(
  collector: EventCollector,
  root: string,
  { entry, executable }: Seen,
  buffer: Buffer,
): void {
  let read = 0;
  let failure: string | null = null;
  try {
    for (const part of partsOf(root, entry, buffer)) {
      read += part.length;
      if (!collector.part(part)) break;
    }
  } catch (error) {
    failure = errorText(error);
  }
  if (failure !== null && (executable || read > 0)) {
    collector.unread(entry.path, `it cannot be read: ${failure}`);
  } else collector.partsEnd();
}

/** Each part lies in the buffer until the next is asked for. */
function* partsOf(root: string, entry: TarEntry, buffer: Buffer): Generator<Buffer> {
  if (entry.size === 0) return;
  const file = openSync(realPath(root, entry.path), readOnly);
  try {
    for (let offset = 0; offset < entry.size; ) {
      const wanted = Math.min(offset === 0 ? firstBytes : buffer.length, entry.size - offset);
      const bytesRead = readSync(file, buffer, 0, wanted, offset);
      if (bytesRead === 0) throw new Error('it became shorter while it was read');
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    closeSync(file);
  }
}
