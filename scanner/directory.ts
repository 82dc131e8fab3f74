import { constants } from 'node:fs';
import { lstat, open, opendir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../core/errors.ts';
import type { TarEntry, TarType } from './archive/tar-walker.ts';
import { EventCollector } from './collector.ts';
import type { LayerAnalysis } from './layer.ts';
import { defaultLayerLimits, type LayerLimits } from './limits.ts';

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
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await namesIn(root, folder, collector)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      entries += 1;
      if (entries > limits.entries) {
        throw new PratiqueError('limit-exceeded', `${root} has more than ${limits.entries} files`, { root });
      }
      const entry = await entryOf(root, path, collector);
      if (entry === null || kernelFolders.has(path)) continue;
      if (entry.type === 'directory') folders.push(path);
      if (collector.plainEntry(entry)) await readInto(collector, root, entry);
    }
  }
  return { diffId: null, tar: true, compressedBytes: 0, uncompressedBytes: 0, events: collector.events() };
}

async function namesIn(root: string, folder: string, collector: EventCollector): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(join(root, folder))) names.push(name);
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

/** What the kernel shows there is no content of the root; on a running system it has no end. */
const kernelFolders = new Set(['proc', 'sys', 'dev']);

/** null: it could not be looked at (gone meanwhile, or a name that is no UTF-8), which was told. */
async function entryOf(root: string, path: string, collector: EventCollector): Promise<TarEntry | null> {
  try {
    return await lookAt(root, path);
  } catch (error) {
    collector.unread(path, `it cannot be looked at: ${errorText(error)}`);
    return null;
  }
}

async function lookAt(root: string, path: string): Promise<TarEntry> {
  const full = join(root, path);
  const stat = await lstat(full);
  const type: TarType = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other';
  const linkName = type === 'symlink' ? await readlink(full) : '';
  return { path, type, linkName, size: type === 'file' ? stat.size : 0, sparse: false };
}

async function readInto(collector: EventCollector, root: string, entry: TarEntry): Promise<void> {
  try {
    // Should a link have taken the file's place meanwhile, opening it fails.
    const file = await open(join(root, entry.path), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const bytes = Buffer.alloc(entry.size);
      const { bytesRead } = await file.read(bytes, 0, entry.size, 0);
      if (bytesRead < entry.size) collector.unread(entry.path, 'it became shorter while it was read');
      else collector.content(bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    collector.unread(entry.path, `it cannot be read: ${errorText(error)}`);
  }
}
