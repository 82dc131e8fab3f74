import { createCipheriv } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { randomOf } from '../../../test/support/random.ts';

/** Bytes of texts that are held; slices of them begin anywhere. */
const textPool = 64 * 1024 ** 2;
/** Bytes of machine code that are held. */
const programPool = 90 * 1024 ** 2;
/** The largest that is taken of one file, so that no bundle is all there is. */
const mostOfFile = 256 * 1024;
const elfHeader = 64;
const isText = /\.(?:[cm]?js|[cm]?ts|json|md)$/;

/**
 * What files of images are made of: texts of the packages that this project has installed, Node's own machine code, and
 * noise for what is packed already. The same for the same lock file and the same Node; nothing is fetched.
 */
export class Corpus {
  readonly #texts: Buffer;
  readonly #program: Buffer;

  constructor() {
    this.#texts = texts();
    this.#program = Buffer.alloc(programPool);
    readFrom(process.execPath, this.#program);
  }

  text(bytes: number, seed: number): Buffer {
    return cut(this.#texts, bytes, seed);
  }

  /** Begins as every program of Linux does. */
  program(bytes: number, seed: number): Buffer {
    const program = cut(this.#program, bytes, seed);
    this.#program.copy(program, 0, 0, Math.min(elfHeader, bytes));
    return program;
  }

  /** What no compression makes smaller. */
  noise(bytes: number, seed: number): Buffer {
    const key = Buffer.alloc(16);
    key.writeUInt32LE(seed >>> 0);
    return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
  }
}

function texts(): Buffer {
  const pool = Buffer.alloc(textPool);
  const files = readdirSync('node_modules', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isText.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const random = randomOf(1);
  let filled = 0;
  while (filled < pool.length && files.length > 0) {
    const [file = ''] = files.splice(Math.floor(random() * files.length), 1);
    filled += readFrom(file, pool.subarray(filled, filled + mostOfFile));
  }
  if (filled < pool.length)
    throw new Error(`node_modules holds ${filled} bytes of texts, not ${pool.length}`);
  return pool;
}

function readFrom(file: string, into: Buffer): number {
  const handle = openSync(file, 'r');
  try {
    let filled = 0;
    for (let read = 1; read > 0 && filled < into.length; filled += read) {
      read = readSync(handle, into, filled, into.length - filled, filled);
    }
    return filled;
  } finally {
    closeSync(handle);
  }
}

function cut(pool: Buffer, bytes: number, seed: number): Buffer {
  const whole = Buffer.allocUnsafe(bytes);
  let from = Math.floor(randomOf(seed)() * pool.length);
  for (let filled = 0; filled < bytes; from = 0) filled += pool.copy(whole, filled, from);
  return whole;
}
