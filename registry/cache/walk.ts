import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, type DigestAlgorithm, parseDigest } from '../../core/digest.ts';
import { errorCode } from '../../core/errors.ts';

/** A part of a store: the blobs whose hex digest begins so. */
export interface Shard {
  readonly algorithm: DigestAlgorithm;
  readonly prefix: string;
  readonly blobs: readonly { readonly digest: Digest; readonly file: string }[];
}

const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512'];
const prefixes = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'));

/** All of a store, part by part; a part without blobs too. What is no blob is left alone. */
export async function* walkStore(folder: string): AsyncGenerator<Shard> {
  for (const algorithm of algorithms) {
    for (const prefix of prefixes) {
      const shard = join(folder, 'blobs', algorithm, prefix);
      const blobs = (await namesIn(shard)).flatMap((name) => {
        const digest = parseDigest(`${algorithm}:${name}`);
        return digest === null ? [] : [{ digest, file: join(shard, name) }];
      });
      yield { algorithm, prefix, blobs };
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** null: it is gone. `changedAt`: milliseconds since 1970. */
export async function lookAtFile(
  file: string,
): Promise<{ readonly size: number; readonly changedAt: number } | null> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, changedAt: Math.floor(mtimeMs) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
