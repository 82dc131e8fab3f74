import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { digestHex } from '../../core/digest.ts';
import { errorText } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';
import type { LayerAnalysis } from '../../scanner/layer.ts';

/** Bytes that all kept analyses may take, packed; those that were used longest ago go first. */
const mostBytes = 256 * 1024 ** 2;
/** Bytes that one may unpack to; what is larger was not written here. */
const largest = 512 * 1024 ** 2;
const ending = '.json.gz';

interface Kept {
  readonly digest: string;
  readonly size: number;
  readonly analyzers: string;
  readonly analysis: LayerAnalysis;
}

/**
 * What scans by hand have found in layers, one file for each in a folder of the data folder: an image that shares layers with
 * another one is scanned for what it does not share. The key is the digest and the analyzers, so that a file never says
 * anything of other bytes or of another version; only what was found in verified bytes is put.
 */
export class LayerShelf {
  readonly #folder: string;
  readonly #analyzers: string;
  readonly #mostBytes: number;
  /** Why nothing could be kept. */
  #problem: string | null = null;
  #wrote = false;

  /** @param analyzers everything on which an analysis depends beside the layer's bytes */
  constructor(folder: string, analyzers: string, most: number = mostBytes) {
    this.#folder = folder;
    this.#analyzers = analyzers;
    this.#mostBytes = most;
  }

  /** null: it is not known, or what was kept cannot be read any more. Then it is found anew. */
  async get(layer: Descriptor): Promise<LayerAnalysis | null> {
    const file = this.#fileOf(layer);
    const packed = await readFile(file).catch(() => null);
    const kept = packed === null ? null : await unpack(packed);
    if (kept === null || kept.digest !== layer.digest || kept.size !== layer.size) return null;
    if (kept.analyzers !== this.#analyzers) return null;
    const now = new Date();
    // A folder that is only read keeps no order of use.
    await utimes(file, now, now).catch(() => undefined);
    return kept.analysis;
  }

  /** Keeps what was found. Where that fails nothing is lost but time; `close` tells. */
  async put({ digest, size }: Descriptor, analysis: LayerAnalysis): Promise<void> {
    if (this.#problem !== null) return;
    const kept: Kept = { digest, size, analyzers: this.#analyzers, analysis };
    const file = this.#fileOf({ digest });
    const temporary = `${file}.${process.pid}-${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, await promisify(gzip)(JSON.stringify(kept), { level: 1 }), { mode: 0o600 });
      await rename(temporary, file);
      this.#wrote = true;
    } catch (error) {
      this.#problem = errorText(error);
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  /** Makes room. @returns why what was found could not be kept; null: it was */
  async close(): Promise<string | null> {
    if (this.#wrote) await this.#makeRoom().catch((error: unknown) => this.#failed(error));
    return this.#problem;
  }

  #failed(error: unknown): void {
    this.#problem ??= errorText(error);
  }

  async #makeRoom(): Promise<void> {
    const files: { readonly path: string; readonly bytes: number; readonly used: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      // Another scan makes room as well.
      const found = await stat(path).catch(() => null);
      if (found !== null) files.push({ path, bytes: found.size, used: found.mtimeMs });
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.toSorted((a, b) => a.used - b.used)) {
      if (bytes <= this.#mostBytes) return;
      await rm(file.path, { force: true });
      bytes -= file.bytes;
    }
  }

  #fileOf({ digest }: Pick<Descriptor, 'digest'>): string {
    const version = createHash('sha256').update(this.#analyzers).digest('hex').slice(0, 16);
    return join(this.#folder, `${digestHex(digest)}-${version}${ending}`);
  }
}

async function unpack(packed: Buffer): Promise<Kept | null> {
  try {
    const text = await promisify(gunzip)(packed, { maxOutputLength: largest });
    return JSON.parse(text.toString('utf8')) as Kept;
  } catch {
    return null;
  }
}
