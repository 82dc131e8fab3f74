import type { Incomplete } from '../../../core/inventory.ts';
import { readEntry } from '../../archive/zip/content.ts';
import { looksLikeZip } from '../../archive/zip/directory.ts';
import { entriesOf, shown, type ZipEntry } from '../../archive/zip/entries.ts';
import { type ZipBudget, type ZipLimits, zipBudget } from '../../archive/zip/limits.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { type Descriptor, packagesOf } from './coordinates.ts';
import { namedArchive } from './file-name.ts';
import { isAmongLibraries, isArchive, largestDescriptor, placeOfDescriptor } from './match.ts';
import { largestMainSection, manifestOf, propertiesOf } from './text.ts';

/** Archives in archives in the file: a web application has one, one in an enterprise application two. */
const deepest = 5;
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
    const descriptors = new Map<string, Descriptor>();
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
      if (seen.has(entry.name)) this.#tell(place, `"${shown(entry.name)}" is in it twice`);
      seen.add(entry.name);
      if (kind === 'archive' || kind === 'library') this.#nested(bytes, entry, place, depth + 1, kind);
      else if (kind === 'manifest') manifest = this.#manifest(bytes, entry, place);
      else this.#descriptor(bytes, entry, place, descriptors);
    }
    const file = namedArchive(place === '' ? this.#path : place);
    for (const found of packagesOf({ descriptors: [...descriptors.values()], manifest, file, hasClasses })) {
      if (this.#packages.length >= mostPackages) {
        this.#tell(place, `it has more than ${mostPackages} packages`);
        return;
      }
      const within = place === '' ? {} : { within: place };
      this.#packages.push({ type: 'maven', arch: null, licenses: [], ...found, ...within });
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

  #descriptor(bytes: Buffer, entry: ZipEntry, place: string, found: Map<string, Descriptor>): void {
    const at = placeOfDescriptor(entry.name);
    if (at === null) return;
    const content = this.#read(bytes, entry, place, largestDescriptor);
    const one = descriptorOf(at, content);
    if (one === null) this.#tell(place, `"${shown(entry.name)}" names no group and artifact`);
    else found.set([one.group, one.artifact, one.version ?? ''].join('\n'), one);
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
function kindOf(name: string): 'archive' | 'library' | 'manifest' | 'descriptor' | null {
  if (isArchive(name)) return 'archive';
  if (isAmongLibraries(name)) return 'library';
  if (name.length === 20 && name.toUpperCase() === 'META-INF/MANIFEST.MF') return 'manifest';
  return name.endsWith('/pom.properties') && placeOfDescriptor(name) !== null ? 'descriptor' : null;
}

const coordinate = /^[A-Za-z0-9._-]+$/;

/** What the file says; its place where it says nothing that Maven would take; null where neither does. */
export function descriptorOf(
  place: { readonly group: string; readonly artifact: string },
  content: Buffer,
): Descriptor | null {
  const properties = propertiesOf(content);
  const group = properties.get('groupId') ?? '';
  const artifact = properties.get('artifactId') ?? '';
  const version = properties.get('version') ?? '';
  const named = {
    group: coordinate.test(group) ? group : place.group,
    artifact: coordinate.test(artifact) ? artifact : place.artifact,
  };
  if (!coordinate.test(named.group) || !coordinate.test(named.artifact)) return null;
  return {
    ...named,
    version: /^$|[\s${}\p{Surrogate}]/u.test(version) ? null : version,
  };
}
