import type { Interest } from '../cataloger.ts';

export const rpmFolders = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'];
export const pacmanFolder = 'var/lib/pacman/local';
const rpmFiles = new Set(['Packages', 'Packages.db', 'rpmdb.sqlite']);

/** Databases of package managers that are not read yet. Their presence must never look like "nothing there". */
export function matchUnsupported(path: string): Interest | null {
  return kindOf(path) === null ? null : { kind: 'presence' };
}

export function kindOf(path: string): 'rpm' | 'pacman' | null {
  const folder = rpmFolders.find((one) => path.startsWith(`${one}/`));
  if (folder !== undefined) return rpmFiles.has(path.slice(folder.length + 1)) ? 'rpm' : null;
  return path.startsWith(`${pacmanFolder}/`) && path.endsWith('/desc') ? 'pacman' : null;
}
