import { type FileFacts, type FoundPackage, mostPackages, onlyIncomplete } from '../cataloger.ts';
import { linesOf } from '../lines.ts';

/** `NAME==VERSION` (PEP 440, "Version matching"), with what a requirement may have behind it. */
const pinned =
  /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)/;
const longestLine = 1000;
/** pip copies a part of it only, `pkg_resources`, which advisories for the rest do not mean. */
const partOnly = 'setuptools';

/**
 * The list by which pip, Pipenv, Poetry and wheel copy other projects into their own code. It lies beside the copies, which have no
 * metadata of their own.
 */
export function parseVendored(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  for (const line of linesOf(content)) {
    if (line.length > longestLine) continue;
    const [, name, version] = pinned.exec(line) ?? [];
    if (name === undefined || version === undefined || name.toLowerCase() === partOnly) continue;
    if (packages.length === mostPackages)
      return onlyIncomplete(path, `it has more than ${mostPackages} lines`);
    const source = { name, version };
    packages.push({ type: 'pypi', name, version, arch: null, source, licenses: [], besideCopies: true });
  }
  return { packages, os: null, incomplete: [] };
}
