import type { Incomplete } from '../../../core/inventory.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { linesOf } from '../lines.ts';
import { sourceOf } from './package.ts';

/** Enough to see what is wrong with it. */
const mostFaults = 50;

/**
 * What images of Azure Linux without a package manager have instead of a database: of each package a line of ten fields
 * with tabs between (name, version and release, two times, vendor, epoch or `(none)`, size, architecture, epoch as a number,
 * file of the source).
 */
export function parseManifest(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const line of linesOf(content)) {
    if (line.trim() === '') continue;
    if (packages.length >= mostPackages || incomplete.length >= mostFaults) {
      incomplete.push({ what: path, why: 'it has more packages, or more faults, than are read' });
      break;
    }
    const found = packageOf(line.trimEnd().split('\t'));
    if (found !== null) packages.push(found);
    else incomplete.push({ what: path, why: `a line of it is no package ("${line.slice(0, 100)}")` });
  }
  return { packages, os: null, incomplete };
}

function packageOf(fields: readonly string[]): FoundPackage | null {
  const [name = '', release = '', , , , epoch = '', , arch = '', , file = ''] = fields;
  if (fields.length !== 10 || name === '' || !/^[^\s-]+-[^\s-]+$/.test(release)) return null;
  if (epoch !== '(none)' && !/^[0-9]{1,10}$/.test(epoch)) return null;
  const version = Number(epoch) > 0 ? `${Number(epoch)}:${release}` : release;
  return {
    type: 'rpm',
    name,
    version,
    arch: arch === '' || arch === '(none)' ? null : arch,
    source: sourceOf(file) ?? { name, version },
    licenses: [],
  };
}
