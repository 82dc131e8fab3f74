import { baseOf } from './archive/tar-path.ts';
import type { TarType } from './archive/tar-walker.ts';

/** What a file's or folder's mode lets others do. Plain data: it is stored with the layer's analysis. */
export interface Permission {
  readonly path: string;
  /** `none`: a folder for programs that others may not write to; it takes the place of what a lower layer says. */
  readonly kind: 'setuid' | 'setgid' | 'writable' | 'writable-folder' | 'none';
}

const setuid = 0o4000;
const setgid = 0o2000;
const sticky = 0o1000;
const othersWrite = 0o002;
const anybodyRuns = 0o111;
const groupRuns = 0o010;
/** Without one of these there is nothing to tell of a mode. */
const ofNote = setuid | setgid | othersWrite;

/** Of one layer; an image in which everything is writable has no end of them. */
const mostOfKind = 10_000;
const mostText = 1024 ** 2;
/** Parts of the path of a folder for programs that is told for being as it should. */
const deepestFolder = 4;

/** The modes of note in one layer: of several entries of one name the last one counts. */
export class Permissions {
  readonly #kinds = new Map<string, Permission['kind']>();
  /** Apart, so that files that all may write to are not in the way of programs that run as somebody else. */
  readonly #programs = { count: 0, text: 0 };
  readonly #writable = { count: 0, text: 0 };
  #cut = false;

  /** @param path real */
  entry(path: string, type: TarType, mode: number): void {
    const kind = (mode & ofNote) === 0 && type !== 'directory' ? null : kindOf(path, type, mode);
    if (kind === null) {
      if (this.#kinds.size > 0) this.#kinds.delete(path);
      return;
    }
    const told = kind === 'setuid' || kind === 'setgid' ? this.#programs : this.#writable;
    told.count += 1;
    told.text += path.length;
    if (told.count > mostOfKind || told.text > mostText) this.#cut = true;
    else this.#kinds.set(path, kind);
  }

  get found(): readonly Permission[] {
    return [...this.#kinds].map(([path, kind]) => ({ path, kind }));
  }

  /** Whether there are more than are told. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Names of the programs that run as somebody else. */
  bases(): readonly string[] {
    return [...this.#kinds].flatMap(([path, kind]) =>
      kind === 'setuid' || kind === 'setgid' ? [baseOf(path)] : [],
    );
  }
}

function kindOf(path: string, type: TarType, mode: number): Permission['kind'] | null {
  if (type === 'directory') {
    if ((mode & othersWrite) !== 0 && (mode & sticky) === 0) return 'writable-folder';
    return isProgramFolder(path) ? 'none' : null;
  }
  if (type !== 'file' && type !== 'hardlink') return null;
  if ((mode & setuid) !== 0 && (mode & anybodyRuns) !== 0) return 'setuid';
  // Without the group's right to run it, the bit has to do with locks (chmod(2)).
  if ((mode & setgid) !== 0 && (mode & groupRuns) !== 0) return 'setgid';
  return (mode & othersWrite) !== 0 && (mode & anybodyRuns) !== 0 ? 'writable' : null;
}

function isProgramFolder(path: string): boolean {
  if (!path.endsWith('bin')) return false;
  const base = baseOf(path);
  return (base === 'bin' || base === 'sbin') && path.split('/').length <= deepestFolder;
}
