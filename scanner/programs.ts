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
/** Longer maps are an attack. */
const mostMapBlocks = 2048;

/**
 * PAX 1.0 stores a map before the first bytes, in blocks of decimal numbers; other sparse formats begin with the first
 * bytes that are not zero, which are a program's own.
 */
class SparseProbe implements FileProbe {
  readonly #path: string;
  readonly #block = Buffer.alloc(block);
  #filled = 0;
  #mapBlocks = 0;
  #binary = false;

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
    if (!this.#binary) return null;
    return onlyIncomplete(this.#path, 'it is a program that is stored as a sparse file, which is not read');
  }

  /** Whether the block is a map, so that the next one has to be looked at. */
  #isMap(): boolean {
    const bytes = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    if (/^[0-9\n]*\0*$/.test(bytes.toString('latin1')) && this.#mapBlocks < mostMapBlocks) {
      this.#mapBlocks += 1;
      return true;
    }
    this.#binary = programKind(bytes) === 'binary';
    return false;
  }
}
