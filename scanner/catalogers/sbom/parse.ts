import type { PackageType } from '../../../core/inventory.ts';
import { type DocumentPackage, readSbom } from '../../documents/index.ts';
import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import { places } from './match.ts';

/** What a package of the kind was built from stands beside it there, and is not in the image. */
const sourcesThere: ReadonlySet<PackageType> = new Set(['generic', 'bitnami']);

/**
 * Packages of a bill of materials that lies in the image. Of kinds that no advisories are known for nothing is told: other
 * catalogers tell of an image's files, and would tell of such packages neither.
 */
export function parseSbom(path: string, content: Buffer): FileFacts {
  const reading = readSbom(content);
  if (reading.kind === 'none')
    return onlyIncomplete(path, `this bill of materials is not read: ${reading.why}`);
  const ofApko = path.startsWith(places.apko);
  const packages = reading.packages.filter(({ type }) => !(ofApko && sourcesThere.has(type)));
  return {
    packages: packages.map(foundOf),
    os: null,
    incomplete: reading.incomplete.map((why) => ({ what: path, why: `of this bill of materials: ${why}` })),
  };
}

/** Without what the document says of an image that it was made of elsewhere. */
function foundOf(one: DocumentPackage): FoundPackage {
  const { purl: _, ownedBy: _o, paths: _p, layer: _l, changedIn: _c, licenseTexts: _t, ...found } = one;
  return found;
}
