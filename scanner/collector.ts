import { PratiqueError } from '../core/errors.ts';
import { unreadable } from './archive/tar-header.ts';
import { baseOf, cleanPath, joinPath, parentOf } from './archive/tar-path.ts';
import type { TarEntry, Wanted } from './archive/tar-walker.ts';
import { isCLibrary } from './catalogers/c-library.ts';
import { type FileFacts, noFacts, onlyIncomplete } from './catalogers/cataloger.ts';
import { type Noted, noteOf } from './catalogers/index.ts';
import { Claims } from './claims.ts';
import type { LayerEvent } from './events.ts';
import { bounded, lengthOf, notesLength, together } from './facts.ts';
import type { LayerLimits } from './limits.ts';
import { Links } from './links.ts';
import { type LayerChecks, LayerLooks } from './looks.ts';
import { PlainFiles } from './plain-files.ts';
import { type FileProbe, type Program, probeOf, programIn, programs } from './programs.ts';

const whiteoutPrefix = '.wh.';
/** Hides everything that lower layers have in its folder (OCI image spec, "Opaque Whiteout"). */
const opaqueName = '.wh..wh..opq';
/** Names that aufs kept for itself; runtimes make no files of them. */
const metaPrefix = '.wh..wh.';

/** Characters of all that is kept: paths, link targets, names and versions. */
const mostText = 32 * 1024 ** 2;
/** Folders above all that is kept, counted once each time. */
const mostFolders = 8_000_000;

/** Programs that hold nothing are told up to here, and while they leave room. Beyond, what they replace stays. */
const mostPrograms = 50_000;
const mostProgramText = 4 * 1024 ** 2;

interface Probed {
  readonly path: string;
  readonly probe: FileProbe;
  /** Something else was told of it, which stays unless it is a program of note. */
  readonly told: boolean;
  /** Whether the probe has not seen enough yet. */
  goesOn: boolean;
}

/** Gathers a layer's events while its archive is walked. */
export class EventCollector {
  readonly #limits: LayerLimits;
  readonly #events: LayerEvent[] = [];
  readonly #links = new Links();
  readonly #claims = new Claims();
  readonly #looks: LayerLooks;
  /** The file whose content was asked for. */
  #wanted: { readonly path: string; readonly noted: Noted } | null = null;
  /** The file that is looked at in parts. */
  #probed: Probed | null = null;
  readonly #plain = new PlainFiles();
  /** Where this layer hides something of the layers below: whiteouts, opaque folders, symbolic links. */
  readonly #hiding = new Map<string, 'whiteout' | 'opaque' | 'symlink'>();
  /** Every folder above those. */
  readonly #aboveHiding = new Set<string>();
  #contentBytes = 0;
  #packages = 0;
  #text = 0;
  #folders = 0;
  #programs = 0;
  #programText = 0;

  constructor(limits: LayerLimits) {
    this.#limits = limits;
    this.#looks = new LayerLooks(limits.secretFileBytes);
  }

  /**
   * Takes note of an archive's entry. Its content may be wanted whole, for `content`, or in parts.
   * @throws PratiqueError `layer-unreadable`, `limit-exceeded`
   */
  entry(entry: TarEntry): Wanted {
    const path = this.#links.place(entry.path);
    const base = baseOf(entry.path);
    if (base.startsWith(whiteoutPrefix)) {
      this.#whiteout(path, base);
      return 'nothing';
    }
    this.#refuseUncovering(path, entry.type);
    this.#looks.entry(path, entry);
    const linkTarget = this.#linkTarget(entry);
    this.#links.replace(path, entry.type === 'directory');
    if (linkTarget === null) return this.#note({ ...entry, path });
    if (path !== '') {
      this.#links.put(path, linkTarget);
      this.#hide(path, 'symlink');
      this.#add({ kind: 'symlink', path, target: linkTarget });
    }
    return 'nothing';
  }

  /** As `entry`, where names are just names and paths are real: in a folder that is no layer. */
  plainEntry(entry: TarEntry): Wanted {
    this.#looks.entry(entry.path, entry);
    if (entry.type !== 'symlink') return this.#note(entry);
    this.#add({ kind: 'symlink', path: entry.path, target: entry.linkName });
    return 'nothing';
  }

  /** The content of the entry that was wanted last. */
  content(bytes: Buffer): void {
    if (this.#wanted === null) throw new Error('a content that nobody asked for');
    const { path, noted } = this.#wanted;
    this.#wanted = null;
    this.#looks.whole(path, bytes);
    const program = programIn(path, bytes);
    if (noted.interest.kind === 'trace') {
      this.#claims.take(path, noted.cataloger.parse(path, bytes));
      this.#program(path, program, true);
      return;
    }
    const facts = program === 'program' ? null : program;
    // What a program holds counts wherever it lies; what else a candidate is counts only where a link leads to it.
    if (facts !== null && noted.candidate) this.#file(path, programs, facts);
    else this.#file(path, noted.cataloger.name, together(noted.cataloger.parse(path, bytes), facts));
  }

  /** The next bytes of the entry that was wanted in parts. False: the rest is not. */
  part(bytes: Buffer): boolean {
    const probed = this.#probing();
    if (probed.goesOn) probed.goesOn = probed.probe.part(bytes);
    return this.#looks.part(bytes) || probed.goesOn;
  }

  partsEnd(): void {
    const { path, probe, told } = this.#probing();
    this.#probed = null;
    this.#program(path, probe.end(), told);
  }

  #probing(): Probed {
    if (this.#probed === null) throw new Error('parts that nobody asked for');
    return this.#probed;
  }

  #program(path: string, program: Program, told: boolean): void {
    if (program === null) {
      this.#plain.add(path);
      return;
    }
    this.#plain.delete(path);
    const system = isCLibrary(baseOf(path)) ? ({ cLibrary: true } as const) : null;
    if (program !== 'program' || system !== null) {
      this.#file(path, programs, { ...(program === 'program' ? noFacts : program), ...system });
      return;
    }
    if (told) return;
    this.#programs += 1;
    this.#programText += path.length;
    const room = this.#events.length < this.#limits.events / 2;
    if (this.#programs > mostPrograms || this.#programText > mostProgramText || !room) return;
    this.#add({ kind: 'program', path });
  }

  #file(path: string, cataloger: string, told: FileFacts): void {
    this.#claims.take(path, told);
    const { owned: _, diverted: __, ...facts } = bounded(path, told);
    // Even one that told nothing is kept: it takes the place of what stood there before.
    this.#packages += facts.packages.length + facts.incomplete.length;
    this.#text += notesLength(facts);
    for (const found of facts.packages) this.#text += lengthOf(found);
    for (const { what, why } of facts.incomplete) this.#text += what.length + why.length;
    if (this.#packages > this.#limits.events) this.#tooMany('packages', this.#limits.events);
    this.#add({ kind: 'file', path, cataloger, facts });
  }

  /** For what could not be opened or read. */
  unread(path: string, why: string): void {
    this.#wanted = null;
    this.#probed = null;
    const noted = noteOf(path);
    const facts = noted?.interest.kind === 'optional' ? noFacts : onlyIncomplete(path, why);
    this.#add({ kind: 'file', path, cataloger: noted?.cataloger.name ?? '', facts });
  }

  /** All events, in the order of extraction, and what checks want to know. */
  told(): { readonly events: readonly LayerEvent[]; readonly checks?: LayerChecks } {
    const room = this.#limits.events - this.#events.length;
    const events = [...this.#events, ...this.#claims.events(this.#events, this.#looks.bases(), room)];
    const checks = this.#looks.found();
    return { events, ...(checks === undefined ? {} : { checks }) };
  }

  /** Where a symbolic link leads. A hard link to one is one itself. */
  #linkTarget(entry: TarEntry): string | null {
    if (entry.type === 'symlink') return entry.linkName;
    return entry.type === 'hardlink' ? this.#links.target(this.#hardLinkTarget(entry)) : null;
  }

  #hardLinkTarget(entry: TarEntry): string {
    return this.#links.place(cleanPath(entry.linkName));
  }

  /** @throws PratiqueError `layer-unreadable` for names that would hide the folder itself: containerd refuses them */
  #whiteout(path: string, base: string): void {
    const parent = parentOf(path);
    if (base === opaqueName) {
      // overlayfs does not look at the mark of a mount's root; other runtimes do.
      if (parent === '')
        throw unreadable('the root folder is marked as opaque, which runtimes take differently');
      this.#hide(parent, 'opaque');
      this.#add({ kind: 'opaque', path: parent });
      return;
    }
    if (base.startsWith(metaPrefix)) return;
    const hidden = base.slice(whiteoutPrefix.length);
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw unreadable(`"${path}" is no valid whiteout`);
    this.#hide(joinPath(parent, hidden), 'whiteout');
    this.#add({ kind: 'whiteout', path: joinPath(parent, hidden) });
  }

  #hide(path: string, how: 'whiteout' | 'opaque' | 'symlink'): void {
    this.#hiding.set(path, how);
    for (let above = parentOf(path); above !== '' && !this.#aboveHiding.has(above); above = parentOf(above)) {
      this.#aboveHiding.add(above);
    }
  }

  /**
   * A later entry of the same layer that takes away what hides something lets lower layers show through again where
   * layers are unpacked one by one (overlayfs), and not where they are unpacked into one folder.
   * @throws PratiqueError `layer-unreadable`
   */
  #refuseUncovering(path: string, type: TarEntry['type']): void {
    const how = this.#hiding.get(path);
    const uncovers =
      type === 'directory'
        ? how === 'whiteout' || how === 'symlink'
        : how === 'opaque' || (how !== undefined && type === 'other') || this.#aboveHiding.has(path);
    if (uncovers) {
      throw unreadable(
        `"${path}" is written over what hides files of lower layers; runtimes differ in what then shows`,
      );
    }
  }

  /** `entry.path` is real. */
  #note(entry: TarEntry): Wanted {
    const { path } = entry;
    const noted = noteOf(path);
    if (noted === null) return this.#probe(entry, false);
    const { cataloger, interest, candidate } = noted;
    // Another entry of this name may have been plain; what comes in its place need not be.
    this.#plain.delete(path);
    // A candidate is of interest as a file only; symbolic links to it are found from the place of note.
    if (entry.type === 'directory' && (candidate || (interest.kind === 'content' && interest.orFolder)))
      return 'nothing';
    const tell = (why: string): Wanted => {
      this.#add({ kind: 'file', path, cataloger: cataloger.name, facts: onlyIncomplete(path, why) });
      return candidate ? this.#probe(entry, true) : 'nothing';
    };
    if (interest.kind === 'trace') {
      if (entry.type === 'file') this.#add({ kind: 'trace', path, cataloger: cataloger.name });
      if (!this.#hasRoomFor(entry, interest.limit ?? 0)) return this.#probe(entry, true);
      this.#wanted = { path, noted };
      return 'whole';
    }
    if (entry.type === 'hardlink') {
      const target = this.#hardLinkTarget(entry);
      this.#add({ kind: 'hardlink', path, target, cataloger: cataloger.name });
      return 'nothing';
    }
    if (interest.kind === 'optional' && !this.#hasRoomFor(entry, interest.limit)) {
      if (entry.type === 'directory') return 'nothing';
      // It takes the place of what stood there.
      this.#add({ kind: 'file', path, cataloger: cataloger.name, facts: noFacts });
      return this.#probe(entry, true);
    }
    if (entry.type !== 'file') return tell('it is no regular file');
    this.#wanted = { path, noted };
    if (interest.kind === 'presence') {
      this.content(Buffer.alloc(0));
      return 'nothing';
    }
    if (interest.kind === 'optional') return 'whole';
    if (entry.sparse) return tell('it is stored as a sparse file, which is not read');
    if (entry.size > interest.limit) {
      return tell(`it has ${entry.size} bytes, more than the ${interest.limit} that are read`);
    }
    this.#contentBytes += entry.size;
    if (this.#contentBytes > this.#limits.contentBytes) {
      if (candidate) return tell('it lies behind too many others to be read');
      this.#tooMany('bytes of package databases', this.#limits.contentBytes);
    }
    return 'whole';
  }

  /** For what is left out where it is too large: nothing is missing then. */
  #hasRoomFor(entry: TarEntry, limit: number): boolean {
    if (entry.type !== 'file' || entry.sparse || entry.size > limit) return false;
    if (this.#contentBytes + entry.size > this.#limits.contentBytes) return false;
    this.#contentBytes += entry.size;
    return true;
  }

  /** For a file that no path tells: it may be a program. */
  #probe(entry: TarEntry, told: boolean): Wanted {
    const { path } = entry;
    if (entry.type === 'hardlink') {
      const target = this.#hardLinkTarget(entry);
      if (this.#plain.has(target)) this.#plain.add(path);
      else {
        this.#plain.delete(path);
        this.#add({ kind: 'program-link', path, target });
      }
      return 'nothing';
    }
    if (entry.type !== 'file') return 'nothing';
    this.#probed = { path, probe: probeOf(path, entry.sparse), told, goesOn: true };
    this.#looks.open(path, entry);
    return 'parts';
  }

  #add(event: LayerEvent): void {
    this.#text += event.path.length + ('target' in event ? event.target.length : 0);
    for (let at = event.path.indexOf('/'); at >= 0; at = event.path.indexOf('/', at + 1)) this.#folders += 1;
    if (this.#events.length >= this.#limits.events) {
      this.#tooMany('links and files of note', this.#limits.events);
    }
    if (this.#text > mostText) this.#tooMany('characters of names, versions and paths', mostText);
    if (this.#folders > mostFolders) this.#tooMany('folders above files of note', mostFolders);
    this.#events.push(event);
  }

  #tooMany(what: string, limit: number): never {
    throw new PratiqueError('limit-exceeded', `it has more than ${limit} ${what}`, { limit });
  }
}
