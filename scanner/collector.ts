import { PratiqueError } from '../core/errors.ts';
import { baseOf, cleanPath, parentOf } from './archive/tar-path.ts';
import type { TarEntry } from './archive/tar-walker.ts';
import { type Cataloger, type Interest, onlyIncomplete } from './catalogers/cataloger.ts';
import { catalogers } from './catalogers/index.ts';
import type { LayerEvent } from './events.ts';
import type { LayerLimits } from './limits.ts';

const whiteoutPrefix = '.wh.';
/** Hides everything that lower layers have in its folder (OCI image spec, "Opaque Whiteout"). */
const opaqueName = '.wh..wh..opq';
/** Names that aufs kept for itself; runtimes make no files of them. */
const metaPrefix = '.wh..wh.';

interface Noted {
  readonly cataloger: Cataloger;
  readonly interest: Interest;
  /** Of note only if a link leads to it from a place of note. */
  readonly candidate: boolean;
}

/** Larger files of a candidate's name are something else. */
const candidateInterest: Interest = { kind: 'content', limit: 16 * 1024 ** 2 };

/** Gathers a layer's events while its archive is walked. */
export class EventCollector {
  readonly #limits: LayerLimits;
  readonly #events: LayerEvent[] = [];
  readonly #directories = new Map<string, number>();
  readonly #traced = new Set<string>();
  #contentBytes = 0;

  constructor(limits: LayerLimits) {
    this.#limits = limits;
  }

  /** Takes note of an archive's entry. True: its content is wanted. */
  entry(entry: TarEntry): boolean {
    const base = baseOf(entry.path);
    if (base.startsWith(whiteoutPrefix)) {
      this.#whiteout(entry.path, base);
      return false;
    }
    return this.plainEntry(entry);
  }

  /** As `entry`, where names are just names: in a folder that is no layer. */
  plainEntry(entry: TarEntry): boolean {
    const { path, type } = entry;
    if (type === 'directory') {
      this.#directories.set(path, this.#events.length);
      if (this.#directories.size > this.#limits.events) this.#tooMany('directories');
      return false;
    }
    if (type === 'symlink') {
      this.#keep(path.length + entry.linkName.length);
      this.#add({ kind: 'symlink', path, target: entry.linkName });
      return false;
    }
    const noted = noteOf(path);
    if (noted === null) return false;
    // A candidate is of interest as a file only; links to it are found from the place of note.
    if (noted.candidate && type !== 'file') return false;
    return this.#noted(entry, noted);
  }

  content(entry: TarEntry, content: Buffer): void {
    const noted = noteOf(entry.path);
    if (noted === null) return;
    const facts = noted.cataloger.parse(entry.path, content);
    this.#add({ kind: 'file', path: entry.path, cataloger: noted.cataloger.name, facts });
  }

  /** For what could not be opened or read. */
  unread(path: string, why: string): void {
    const noted = noteOf(path);
    const cataloger = noted?.cataloger.name ?? '';
    this.#add({ kind: 'file', path, cataloger, facts: onlyIncomplete(path, why) });
  }

  /** All events in order, with those directories that lie above files of note. */
  events(): readonly LayerEvent[] {
    const above = new Map<string, number>();
    for (const event of this.#events) {
      if (event.kind !== 'file') continue;
      for (let path = parentOf(event.path); path !== ''; path = parentOf(path)) {
        const position = this.#directories.get(path);
        if (position !== undefined) above.set(path, position);
      }
    }
    const ordered: LayerEvent[] = [];
    const directories = [...above].sort(([, a], [, b]) => a - b);
    let next = 0;
    this.#events.forEach((event, position) => {
      for (
        let entry = directories[next];
        entry !== undefined && entry[1] <= position;
        entry = directories[next]
      ) {
        ordered.push({ kind: 'directory', path: entry[0] });
        next += 1;
      }
      ordered.push(event);
    });
    return ordered;
  }

  #whiteout(path: string, base: string): void {
    const parent = parentOf(path);
    if (base === opaqueName) this.#add({ kind: 'opaque', path: parent });
    else if (!base.startsWith(metaPrefix)) {
      const hidden = base.slice(whiteoutPrefix.length);
      // Runtimes differ on what such a name hides, or fail.
      if (hidden === '' || hidden === '.' || hidden === '..') {
        throw new PratiqueError('layer-unreadable', `"${path}" is a whiteout of no file`);
      }
      this.#add({ kind: 'whiteout', path: parent === '' ? hidden : `${parent}/${hidden}` });
    }
  }

  #noted(entry: TarEntry, { cataloger, interest }: Noted): boolean {
    const { path } = entry;
    const tell = (why: string): boolean => {
      this.#add({ kind: 'file', path, cataloger: cataloger.name, facts: onlyIncomplete(path, why) });
      return false;
    };
    if (interest.kind === 'trace') {
      const folder = `${cataloger.name} ${parentOf(path)}`;
      if (!this.#traced.has(folder)) this.#add({ kind: 'trace', path, cataloger: cataloger.name });
      this.#traced.add(folder);
      return false;
    }
    if (entry.type === 'hardlink') {
      this.#add({ kind: 'hardlink', path, target: cleanPath(entry.linkName), cataloger: cataloger.name });
      return false;
    }
    if (entry.type !== 'file') return tell('it is no regular file');
    if (interest.kind === 'presence') {
      this.content(entry, Buffer.alloc(0));
      return false;
    }
    if (entry.sparse) return tell('it is stored as a sparse file, which is not read');
    if (entry.size > interest.limit)
      return tell(`it has ${entry.size} bytes, more than the ${interest.limit} that are read`);
    this.#keep(entry.size);
    return true;
  }

  #keep(bytes: number): void {
    this.#contentBytes += bytes;
    if (this.#contentBytes <= this.#limits.contentBytes) return;
    const limit = this.#limits.contentBytes;
    throw new PratiqueError(
      'limit-exceeded',
      `its files of note and links have more than ${limit} bytes together`,
      {
        limit,
      },
    );
  }

  #add(event: LayerEvent): void {
    if (this.#events.length >= this.#limits.events) this.#tooMany('links and files of note');
    this.#events.push(event);
  }

  #tooMany(what: string): never {
    const limit = this.#limits.events;
    throw new PratiqueError('limit-exceeded', `it has more than ${limit} ${what}`, { limit });
  }
}

function noteOf(path: string): Noted | null {
  for (const cataloger of catalogers) {
    const interest = cataloger.match(path);
    if (interest !== null) return { cataloger, interest, candidate: false };
  }
  const base = baseOf(path);
  const cataloger = catalogers.find(({ candidate }) => candidate === base);
  return cataloger === undefined ? null : { cataloger, interest: candidateInterest, candidate: true };
}
