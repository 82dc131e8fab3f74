import type { Incomplete } from '../../../core/inventory.ts';
import { readEntry } from '../../archive/zip/content.ts';
import { entriesOf, shown } from '../../archive/zip/entries.ts';
import { zipBudget } from '../../archive/zip/limits.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { manifestOf } from './manifest.ts';
import { largestManifest, placeOfManifest } from './match.ts';

const mostFaults = 20;

/** A package as Plug'n'Play runs it: `node_modules/<name>/` in a ZIP archive, with those that it bundles. */
export function parseYarnArchive(path: string, content: Buffer): FileFacts {
  const budget = zipBudget(content.length);
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const entry of entriesOf(content, budget)) {
    if (incomplete.length === mostFaults || packages.length === mostPackages) {
      incomplete.push({ what: path, why: 'the rest of it was not read' });
      break;
    }
    if ('fault' in entry) {
      incomplete.push({ what: path, why: entry.fault });
      continue;
    }
    const place = placeOfManifest(entry.name);
    if (place === null) continue;
    const bytes = readEntry(content, entry, budget, largestManifest);
    const manifest = 'fault' in bytes ? bytes : manifestOf(bytes.bytes, place);
    if ('found' in manifest) packages.push({ ...manifest.found, within: entry.name });
    else incomplete.push({ what: path, why: `"${shown(entry.name)}": ${manifest.fault}` });
  }
  return { packages, os: null, incomplete };
}
