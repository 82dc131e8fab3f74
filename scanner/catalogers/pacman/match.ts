import { parentOf } from '../../archive/tar-path.ts';
import type { Interest } from '../cataloger.ts';

export const localFolder = 'var/lib/pacman/local';
const prefix = `${localFolder}/`;

const desc: Interest = { kind: 'content', limit: 1024 ** 2 };
const files: Interest = { kind: 'trace', limit: 16 * 1024 ** 2 };

/** `NAME-VERSION/desc` tells of a package; its `files`, and the database's own version, show that one was there. */
export function matchPacman(path: string): Interest | null {
  if (!path.startsWith(prefix)) return null;
  if (path === `${prefix}ALPM_DB_VERSION`) return { kind: 'trace' };
  if (parentOf(parentOf(path)) !== localFolder) return null;
  if (isFileList(path)) return files;
  return path.endsWith('/desc') ? desc : null;
}

export function isFileList(path: string): boolean {
  return path.endsWith('/files');
}
