import type { Incomplete } from '../../../core/inventory.ts';
import { readEntry } from '../../archive/zip/content.ts';
import { looksLikeZip } from '../../archive/zip/directory.ts';
import { entriesOf, shown, type ZipEntry } from '../../archive/zip/entries.ts';
import { type ZipBudget, type ZipLimits, zipBudget } from '../../archive/zip/limits.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { packagesOf } from './coordinates.ts';
import { Descriptors, descriptorOf } from './descriptors.ts';
import { namedArchive } from './file-name.ts';
import { isAmongLibraries, isNestedArchive, largestDescriptor, placeOfDescriptor } from './match.ts';
import { largestMainSection, manifestOf } from './text.ts';

/** Archives in archives in the file: a web application has one, one in an enterprise application two. */
const deepest = 5;
/** The largest on Maven Central has some hundred kilobytes. */
const largestPom = 1024 ** 2;
/** Signed archives list all their entries in it. */
const largestManifest = 32 * 1024 ** 2;
/** Characters of a place within a file. */
const longestPlace = 900;
/** Faults that are told of one file; it is not whole however many more there are. */
const mostFaults = 20;

/** Reads a Java archive and every archive in it. */
export class ArchiveReader {
  readonly #path: string;
  readonly #bytes: Buffer;
  readonly #budget: ZipBudget;
  readonly #packages: FoundPackage[] = [];
  readonly #incomplete: Incomplete[] = [];
  #faults = 0;

  constructor(path: string, bytes: Buffer, limits?: ZipLimits) {
    this.#path = path;
    this.#bytes = bytes;
    this.#budget = zipBudget(bytes.length, limits);
  }

  facts(): FileFacts {
    this.#archive(this.#bytes, '', 0);
    if (this.#faults > mostFaults) {
      this.#incomplete.push({ what: this.#path, why: `and ${this.#faults - mostFaults} more faults` });
    }
    return { packages: this.#packages, os: null, incomplete: this.#incomplete };
  }

  /** @param place of the archive within the file; empty for the file itself */
  #archive(bytes: Buffer, place: string, depth: number): void {
    const descriptors = new Descriptors();
    const seen = new Set<string>();
    let manifest: ReadonlyMap<string, string> = new Map();
    let hasClasses = false;
    for (const entry of entriesOf(bytes, this.#budget)) {
      if ('fault' in entry) {
        this.#tell(place, entry.fault);
        continue;
      }
      hasClasses ||= entry.name.endsWith('.class');
      const kind = kindOf(entry.name);
      if (kind === null) continue;
      if (kind === 'pom') {
        this.#pom(bytes, entry, descriptors);
        continue;
      }
      if (seen.has(entry.name)) this.#tell(place, `"${shown(entry.name)}" is in it twice`);
      seen.add(entry.name);
      if (kind === 'archive' || kind === 'library') this.#nested(bytes, entry, place, depth + 1, kind);
      else if (kind === 'manifest') manifest = this.#manifest(bytes, entry, place);
      else this.#descriptor(bytes, entry, place, descriptors);
    }
    const file = namedArchive(place === '' ? this.#path : place);
    for (const found of packagesOf({ descriptors: descriptors.all(), manifest, file, hasClasses })) {
      if (this.#packages.length >= mostPackages) {
        this.#tell(place, `it has more than ${mostPackages} packages`);
        return;
      }
      const within = place === '' ? {} : { within: place };
      this.#packages.push({ type: 'maven', arch: null, ...found, ...within });
    }
  }

  #nested(bytes: Buffer, entry: ZipEntry, place: string, depth: number, kind: 'archive' | 'library'): void {
    const at = place === '' ? entry.name : `${place}!/${entry.name}`;
    if (depth > deepest || at.length > longestPlace) {
      this.#tell(
        place,
        `"${shown(entry.name)}" lies too deep in it: archives in archives are read ${deepest} deep`,
      );
      return;
    }
    const content = readEntry(bytes, entry, this.#budget, Number.POSITIVE_INFINITY);
    if ('fault' in content) {
      this.#tell(at, content.fault);
      return;
    }
    // Other files may lie among libraries, and would keep a launcher from starting where they may not.
    if (kind === 'library' && !looksLikeZip(content.bytes)) return;
    if (content.bytes.length > 0) this.#archive(content.bytes, at, depth);
  }

  #manifest(bytes: Buffer, entry: ZipEntry, place: string): ReadonlyMap<string, string> {
    const manifest = manifestOf(this.#read(bytes, entry, place, largestManifest));
    if (manifest === null) {
      this.#tell(place, `the main section of its manifest has more than ${largestMainSection} bytes`);
    }
    return manifest ?? new Map();
  }

  #descriptor(bytes: Buffer, entry: ZipEntry, place: string, descriptors: Descriptors): void {
    const at = placeOfDescriptor(entry.name);
    if (at === null) return;
    const content = this.#read(bytes, entry, place, largestDescriptor);
    const one = descriptorOf(at, content);
    if (one === null) this.#tell(place, `"${shown(entry.name)}" names no group and artifact`);
    else descriptors.add(at, one);
  }

  /** One that cannot be read hides nothing: its place names the package, of which the version is then not known. */
  #pom(bytes: Buffer, entry: ZipEntry, descriptors: Descriptors): void {
    const at = placeOfDescriptor(entry.name);
    if (at === null) return;
    const content = readEntry(bytes, entry, this.#budget, largestPom);
    descriptors.addPom(at, 'fault' in content ? Buffer.alloc(0) : content.bytes);
  }

  /** Empty where it cannot be read, which is told. */
  #read(bytes: Buffer, entry: ZipEntry, place: string, most: number): Buffer {
    const content = readEntry(bytes, entry, this.#budget, most);
    if (!('fault' in content)) return content.bytes;
    this.#tell(place, `"${shown(entry.name)}": ${content.fault}`);
    return Buffer.alloc(0);
  }

  #tell(place: string, why: string): void {
    this.#faults += 1;
    if (this.#faults > mostFaults) return;
    this.#incomplete.push({ what: place === '' ? this.#path : `${this.#path}!/${place}`, why });
  }
}

/** Java looks for the manifest in any case of letters. */
function kindOf(name: string): 'archive' | 'library' | 'manifest' | 'descriptor' | 'pom' | null {
  if (isNestedArchive(name)) return 'archive';
  if (isAmongLibraries(name)) return 'library';
  if (name.length === 20 && name.toUpperCase() === 'META-INF/MANIFEST.MF') return 'manifest';
  if (name.endsWith('/pom.xml')) return placeOfDescriptor(name) === null ? null : 'pom';
  return name.endsWith('/pom.properties') && placeOfDescriptor(name) !== null ? 'descriptor' : null;
}
