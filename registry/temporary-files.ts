import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../core/errors.ts';

/** The writer's process is in the name, so that a later one can tell what nobody will finish. */
export function temporaryName(): string {
  return `${process.pid}-${randomBytes(12).toString('hex')}`;
}

/** Removes files whose writer is gone; gives their number. */
export async function clearAbandoned(folder: string): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (await hasWriter(name, path)) continue;
    await rm(path, { force: true, recursive: true });
    removed += 1;
  }
  return removed;
}

async function hasWriter(name: string, path: string): Promise<boolean> {
  const pid = Number(/^(\d{1,10})-[0-9a-f]+$/.exec(name)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid !== process.pid) return isAlive(pid);
  // In a container every life of the process has the same id: what is older than this life was left by another.
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs >= Date.now() - process.uptime() * 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, of another user.
    return errorCode(error) === 'EPERM';
  }
}
