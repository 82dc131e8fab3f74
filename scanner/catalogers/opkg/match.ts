import { parentOf } from '../../archive/tar-path.ts';
import type { Interest } from '../cataloger.ts';

/** OpenWrt's place, and that of Yocto and its kin. */
const folders = ['usr/lib/opkg', 'var/lib/opkg'] as const;
export const statusFiles: readonly string[] = folders.map((folder) => `${folder}/status`);

const database: Interest = { kind: 'content', limit: 64 * 1024 ** 2 };
const list: Interest = { kind: 'trace', limit: 16 * 1024 ** 2 };
const control: Interest = { kind: 'optional', limit: 64 * 1024 };

/** opkg's database. Lists of files show that packages were there. */
export function matchOpkg(path: string): Interest | null {
  if (path.endsWith('/status')) return statusFiles.includes(path) ? database : null;
  return isFileList(path) ? list : null;
}

export function isFileList(path: string): boolean {
  return path.endsWith('.list') && isInfo(path);
}

/** What the package itself said of its source and licence: the status leaves both out. */
export function matchControl(path: string): Interest | null {
  return path.endsWith('.control') && isInfo(path) ? control : null;
}

export function controlOf(status: string, name: string): string {
  return `${parentOf(status)}/info/${name}.control`;
}

export function statusOf(list: string): string {
  return `${parentOf(parentOf(list))}/status`;
}

function isInfo(path: string): boolean {
  return folders.some((folder) => parentOf(path) === `${folder}/info`);
}
