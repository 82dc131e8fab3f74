import type { Interest } from '../cataloger.ts';

const hives = ['System', 'Software', 'Security', 'Sam', 'DefaultUser'];

/**
 * Files that only layers of Windows have (OCI image spec, "Windows" in layer; hcsshim): the root lies below `Files`, changes of
 * the registry in `Hives`, and a base layer has the registry itself.
 */
export const windowsFiles: ReadonlySet<string> = new Set([
  ...hives.flatMap((name) => [`Hives/${name}_Delta`, `Hives/${name}_Base`]),
  ...['SYSTEM', 'SOFTWARE'].map((name) => `Files/Windows/System32/config/${name}`),
]);

const seen: Interest = { kind: 'presence' };

export function matchWindows(path: string): Interest | null {
  return windowsFiles.has(path) ? seen : null;
}
