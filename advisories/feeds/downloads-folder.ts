import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../core/errors.ts';

/** Milliseconds that the beginning of a file is kept for, so that the next update can go on with it. */
const keptFor = 7 * 86_400_000;

/**
 * Takes out of the folder of downloads what no update can go on with: whole files of an update that was killed, and
 * beginnings that are old. Not to be called while another update runs.
 * @param now milliseconds since 1970
 */
export async function removeOldDownloads(folder: string, now: number): Promise<void> {
  const names = new Set(await namesIn(folder));
  for (const name of names) {
    const isBegun = names.has(`${name}.mark`) || name.endsWith('.mark');
    const path = join(folder, name);
    const isOld = now - (await stat(path)).mtimeMs > keptFor;
    if (!isBegun || isOld) await rm(path, { recursive: true, force: true });
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
