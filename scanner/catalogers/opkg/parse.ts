import type { Incomplete } from '../../../core/inventory.ts';
import type { FileFacts, FoundPackage } from '../cataloger.ts';
import { presentIn, stanzasOf } from '../control-file.ts';

const wanted: ReadonlySet<string> = new Set(['package', 'version', 'architecture', 'status']);

/** opkg's status file, which has dpkg's form. Sources and licences are in the packages' own files (control.ts). */
export function parseStatus(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const fields of stanzasOf(path, content, wanted, incomplete)) {
    const present = presentIn(path, fields, false, incomplete);
    if (present === null) continue;
    const { name, version } = present;
    packages.push({ type: 'opkg', ...present, source: { name, version }, licenses: [] });
  }
  return { packages, os: null, incomplete };
}
