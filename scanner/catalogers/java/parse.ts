import { looksLikeZip } from '../../archive/zip/directory.ts';
import { type FileFacts, noFacts, onlyIncomplete } from '../cataloger.ts';
import { packagesOf } from './coordinates.ts';
import { descriptorOf } from './descriptors.ts';
import { namedArchive } from './file-name.ts';
import { isArchive, placeOfDescriptor } from './match.ts';
import { ArchiveReader } from './read.ts';

/** Other programs write files of these names that are no archives at all. */
const otherwiseUsed = /\.(?:par|ear|[snk]ar|aar|lpkg)$/i;

/** A Java archive, or a descriptor of Maven's where one was unpacked. */
export function parseJava(path: string, content: Buffer): FileFacts {
  const place = placeOfDescriptor(path);
  if (place !== null) {
    const descriptor = descriptorOf(place, content);
    if (descriptor === null) return onlyIncomplete(path, 'it names no group and artifact');
    const descriptors = [descriptor];
    const file = namedArchive(path);
    const found = packagesOf({ descriptors, manifest: new Map(), file, hasClasses: false });
    return {
      ...noFacts,
      packages: found.map((one) => ({ type: 'maven', arch: null, ...one })),
    };
  }
  // An empty file holds nothing that could run.
  if (content.length === 0) return noFacts;
  if ((otherwiseUsed.test(path) || !isArchive(path)) && !looksLikeZip(content)) return noFacts;
  return new ArchiveReader(path, content).facts();
}
