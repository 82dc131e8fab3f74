import { type FileFacts, noFacts, onlyIncomplete } from '../cataloger.ts';
import { manifestOf } from './manifest.ts';
import { isYarnArchive, placeOfManifest } from './match.ts';
import { parseYarnArchive } from './yarn.ts';

/**
 * An installed npm package. What Node finds by its folder is one, whatever its manifest leaves out. Where only a link
 * could make one of it, a file without name or version is the project itself and tells nothing.
 */
export function parseNpm(path: string, content: Buffer): FileFacts {
  if (isYarnArchive(path)) return parseYarnArchive(path, content);
  const place = placeOfManifest(path);
  const isNamed = path.endsWith('package.json');
  // In a store most files are code: a look at the first byte saves an exception each.
  if (!isNamed && content[0] !== 0x7b) return noFacts;
  const manifest = manifestOf(content, place);
  if ('found' in manifest) return { packages: [manifest.found], os: null, incomplete: [] };
  const isProject = place === null && (!isNamed || manifest.fault.includes(' has no '));
  return isProject ? noFacts : onlyIncomplete(path, manifest.fault);
}
