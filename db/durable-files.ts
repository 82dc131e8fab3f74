import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../core/errors.ts';

/** Of a file or a folder: on disk when it returns. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Part of the name of what is on its way to its place. */
export const asideMark = '.new-';

function aside(path: string): string {
  return `${path}${asideMark}${randomBytes(8).toString('hex')}`;
}

/** Puts `from` at `to` as well, in one step, whatever stood there; both names then mean one file, where that can be had. */
export function linkOver(from: string, to: string): void {
  const made = aside(to);
  try {
    link(from, made);
    renameSync(made, to);
  } finally {
    // Renaming a file onto itself leaves both names (rename(2)).
    rmSync(made, { force: true });
  }
  syncPath(dirname(to));
}

/** Some file systems have no hard links (link(2): EPERM, ENOTSUP) or have none left (EMLINK): then a copy has to do. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV'].includes(code)) throw error;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    const { atime, mtime } = statSync(from);
    utimesSync(to, atime, mtime);
    syncPath(to);
  }
}

/** On disk and in its place, or not at all. */
export function writeDurably(path: string, text: string): void {
  const made = aside(path);
  try {
    writeFileSync(made, text, { mode: 0o600, flush: true });
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

/** null where there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  syncPath(dirname(path));
}
