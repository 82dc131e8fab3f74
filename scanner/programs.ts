import { type FileFacts, onlyIncomplete } from './catalogers/cataloger.ts';
import { probers } from './catalogers/index.ts';
import type { Probe } from './catalogers/prober.ts';
import { programHead, programKind } from './catalogers/program-kind.ts';

/** The cataloger's name of what probers tell. */
export const programs = 'programs';

/** What a file turned out to be: no program, a program that holds nothing of note, or what it holds. */
export type Program = FileFacts | 'program' | null;

/** Looks at one file in parts. */
export interface FileProbe {
  /** False: the rest is not needed. */
  part(bytes: Buffer): boolean;
  end(): Program;
}

/** The probe of a file; of a sparse one stored bytes are given, which are not its content. */
export function probeOf(path: string, sparse: boolean): FileProbe {
  return sparse ? new SparseProbe(path) : new ContentProbe(path);
}

/** As `probeOf`, for a content that is whole. */
export function programIn(path: string, content: Buffer): Program {
  const probe = new ContentProbe(path);
  probe.part(content);
  return probe.end();
}

const nothing = Buffer.alloc(0);

class ContentProbe implements FileProbe {
  readonly #path: string;
  /** The first bytes, until they are enough; null: it is decided what the file is. */
  #head: Buffer | null = nothing;
  #kind: ReturnType<typeof programKind> = null;
  #probes: readonly Probe[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  part(bytes: Buffer): boolean {
    const head = this.#head;
    let part = bytes;
    if (head !== null) {
      part = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      if (part.length < programHead) {
        this.#head = Buffer.from(part);
        return true;
      }
      this.#decide(part);
    }
    for (const probe of this.#probes) probe.take(part);
    return this.#probes.length > 0;
  }

  end(): Program {
    if (this.#head !== null) this.#decide(this.#head);
    if (this.#kind === null) return null;
    const told = this.#probes.flatMap((probe) => probe.facts() ?? []);
    if (told.length === 0) return 'program';
    return {
      packages: told.flatMap(({ packages }) => packages),
      os: null,
      incomplete: told.flatMap(({ incomplete }) => incomplete),
    };
  }

  #decide(head: Buffer): void {
    this.#head = null;
    this.#kind = programKind(head);
    if (this.#kind === 'binary') this.#probes = probers.map((prober) => prober.probe(this.#path));
  }
}

const block = 512;
/** Longer maps are an attack; what is behind one is not known. */
const mostMapBlocks = 2048;
/** Numbers as Go's `ParseInt` takes them. */
const digits = /^[+-]?[0-9]*$/;
const newline = 0x0a;

/**
 * PAX 1.0 stores a map before the first bytes, as lines of decimal numbers, of which the first says how many pairs
 * follow; the rest of the last block may be anything. Other sparse formats begin with the first bytes that are not
 * zero, which are a program's own. Read as Go's archive/tar reads it.
 */
class SparseProbe implements FileProbe {
  readonly #path: string;
  readonly #block = Buffer.alloc(block);
  #filled = 0;
  #mapBlocks = 0;
  /** The first line of the map as far as it was read; null: it is whole. */
  #first: string | null = '';
  /** Lines of the map that are still to come. */
  #lines = 0;
  /** A program, or something that nobody can tell from one. */
  #mayRun = false;

  constructor(path: string) {
    this.#path = path;
  }

  part(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.copy(this.#block, this.#filled, at);
      this.#filled += taken;
      at += taken;
      if (this.#filled === block && !this.#isMap()) return false;
    }
    return true;
  }

  end(): Program {
    if (this.#filled > 0) this.#isMap();
    if (!this.#mayRun) return null;
    return onlyIncomplete(this.#path, 'it is a program that is stored as a sparse file, which is not read');
  }

  /** Whether the block is a part of the map, so that the next one has to be looked at. */
  #isMap(): boolean {
    const bytes = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    if (this.#readMap(bytes)) {
      this.#mapBlocks += 1;
      this.#mayRun = this.#mapBlocks > mostMapBlocks;
      return !this.#mayRun;
    }
    this.#mayRun = programKind(bytes) === 'binary';
    return false;
  }

  #readMap(bytes: Buffer): boolean {
    let from = 0;
    if (this.#first !== null) {
      const end = bytes.indexOf(newline);
      const text = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
      this.#first += text;
      if (!digits.test(this.#first)) return false;
      // Zeros in front mean nothing, however many there are.
      this.#first = this.#first.replace(/^([+-]?)0+(?=[0-9])/, '$1');
      if (end < 0) return true;
      this.#lines = 2 * Number(this.#first);
      this.#first = null;
      from = end + 1;
    } else if (this.#lines <= 0) return false;
    for (let at = bytes.indexOf(newline, from); at >= 0; at = bytes.indexOf(newline, at + 1))
      this.#lines -= 1;
    return true;
  }
}
