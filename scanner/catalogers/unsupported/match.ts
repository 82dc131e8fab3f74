import type { Interest } from '../cataloger.ts';

export const pacmanFolder = 'var/lib/pacman/local';

/** Databases of package managers that are not read yet. Their presence must never look like "nothing there". */
export function matchUnsupported(path: string): Interest | null {
  return path.startsWith(`${pacmanFolder}/`) && path.endsWith('/desc') ? { kind: 'presence' } : null;
}
