import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { Archive } from './archive/archive.ts';
import { archiveFault } from './archive/fault.ts';
import { openFile } from './read-layer.ts';
import type { BlobPlace } from './source.ts';

/** Where the files of an OCI image layout lie. */
export interface LayoutPlace {
  /** `oci:`, `oci-archive:`. */
  readonly prefix: string;
  /** Of the folder or archive. */
  readonly name: string;
  /** One of its files, as a person finds it. */
  readonly shown: (path: string) => string;
  /** @throws PratiqueError `manifest-unknown`, `manifest-invalid`, `manifest-too-large` */
  readonly read: (path: string, most: number) => Promise<Buffer>;
  readonly stream: (path: string) => AsyncIterable<Uint8Array>;
  /** See `ImageSource`. */
  readonly place: (path: string) => BlobPlace | null;
  readonly position: ((path: string) => number) | null;
  readonly close: () => Promise<void>;
}

export function layoutFolder(dir: string): LayoutPlace {
  return {
    prefix: 'oci:',
    name: dir,
    shown: (path) => join(dir, path),
    read: (path, most) => readWhole(join(dir, path), most),
    stream: (path) => streamOf(join(dir, path)),
    place: (path) => ({ kind: 'file', file: join(dir, path), start: 0, size: null }),
    position: null,
    close: () => Promise.resolve(),
  };
}

async function readWhole(file: string, most: number): Promise<Buffer> {
  let size: number;
  try {
    ({ size } = await stat(file));
    if (size <= most) return await readFile(file);
  } catch (error) {
    const message = `${file} cannot be read: ${errorText(error)}`;
    throw new PratiqueError('manifest-unknown', message, { file }, error);
  }
  throw new PratiqueError('manifest-too-large', `${file} has more than ${most} bytes`, { file });
}

async function* streamOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* openFile({ kind: 'file', file, start: 0, size: null });
  } catch (error) {
    throw new PratiqueError('blob-unknown', `${file} cannot be read: ${errorText(error)}`, { file }, error);
  }
}

/** @throws PratiqueError `manifest-invalid` where it holds none */
export function layoutArchive(archive: Archive): LayoutPlace {
  const { file } = archive;
  if (!archive.has('index.json')) {
    const other = archive.has('manifest.json')
      ? `it is a Docker archive: docker-archive:${file}`
      : 'it is no OCI archive';
    throw archiveFault(file, `it has no index.json; ${other}`);
  }
  return {
    prefix: 'oci-archive:',
    name: file,
    shown: (path) => `${file} (${path})`,
    read: archive.read,
    stream: archive.stream,
    place: archive.blobPlace,
    position: archive.forwardOnly ? (path) => archive.place(path).position : null,
    close: archive.close,
  };
}
