import type { TarEntry } from './archive/tar-walker.ts';
import { type Permission, Permissions } from './permissions.ts';
import { type FileSecret, FileSecrets } from './secrets/file-look.ts';

/** What checks want to know of one layer, whatever lies over it later. Plain data: it is stored with the analysis. */
export interface LayerChecks {
  readonly secrets: readonly FileSecret[];
  /** Secrets beyond those that are told. */
  readonly moreSecrets: number;
  readonly permissions: readonly Permission[];
  /** Whether there are more of them than are told. */
  readonly permissionsCut: boolean;
  /** Names of users with the number 0 in the layer's /etc/passwd; null: it has none. */
  readonly rootNames: readonly string[] | null;
}

const passwd = 'etc/passwd';
const longestPasswd = 1024 ** 2;
const mostRootNames = 100;
/** Of the first bytes, as git does: a file that has a zero byte among them is no text. */
const headBytes = 8000;

/** Looks at the entries of a layer for what is no package: modes, and the content of texts. */
export class LayerLooks {
  readonly #largest: number;
  readonly #secrets = new FileSecrets();
  readonly #permissions = new Permissions();
  #rootNames: readonly string[] | null = null;
  /** The file that is looked at in parts; null: none is, or it is no text. */
  #file: { readonly path: string; readonly size: number } | null = null;
  /** The parts of files that came in more than one. */
  #gathered: Buffer = Buffer.alloc(0);
  #filled = 0;

  /** @param secretFileBytes larger files are not searched */
  constructor(secretFileBytes: number) {
    this.#largest = secretFileBytes;
  }

  /** @param path where extraction puts it */
  entry(path: string, { type, mode }: TarEntry): void {
    this.#permissions.entry(path, type, mode);
  }

  /** A file begins whose content comes in parts. */
  open(path: string, { size, sparse }: TarEntry): void {
    this.#filled = 0;
    this.#file = !sparse && size > 0 && this.#wants(path, size) ? { path, size } : null;
  }

  /** Whether the rest of the file is wanted. */
  part(bytes: Buffer): boolean {
    const file = this.#file;
    if (file === null) return false;
    if (this.#filled === 0 && isBinary(bytes)) {
      this.#file = null;
      return false;
    }
    if (bytes.length >= file.size) {
      this.#file = null;
      this.#look(file.path, bytes);
      return false;
    }
    if (this.#gathered.length < file.size) this.#gathered = this.#larger(file.size);
    this.#filled += bytes.copy(this.#gathered, this.#filled);
    if (this.#filled < file.size) return true;
    this.#file = null;
    this.#look(file.path, this.#gathered.subarray(0, file.size));
    return false;
  }

  /** A content that came whole. */
  whole(path: string, bytes: Buffer): void {
    if (bytes.length > 0 && this.#wants(path, bytes.length) && !isBinary(bytes)) this.#look(path, bytes);
  }

  /** Left out: nothing was found. */
  found(): LayerChecks | undefined {
    const { found: secrets, more: moreSecrets } = this.#secrets;
    const { found: permissions, cut: permissionsCut } = this.#permissions;
    const rootNames = this.#rootNames;
    if (secrets.length === 0 && permissions.length === 0 && rootNames === null) return undefined;
    return { secrets, moreSecrets, permissions, permissionsCut, rootNames };
  }

  /** Names of programs of which it matters whose they are. */
  bases(): readonly string[] {
    return this.#permissions.bases();
  }

  #wants(path: string, size: number): boolean {
    return size <= this.#largest || (path === passwd && size <= longestPasswd);
  }

  #look(path: string, bytes: Buffer): void {
    if (bytes.length <= this.#largest) this.#secrets.look(path, bytes);
    if (path === passwd) this.#rootNames = rootNamesIn(bytes.toString('latin1'));
  }

  /** What was gathered so far stays. */
  #larger(size: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(2 * size, this.#largest)));
    this.#gathered.copy(larger, 0, 0, this.#filled);
    return larger;
  }
}

function isBinary(bytes: Buffer): boolean {
  const zero = bytes.indexOf(0);
  return zero >= 0 && zero < headBytes;
}

/** passwd(5): `name:password:number:…`. */
function rootNamesIn(text: string): readonly string[] {
  const names = text.split('\n').flatMap((line) => {
    const [name = '', , number = ''] = line.split(':', 3);
    return name !== '' && name.length <= 256 && /^0+$/.test(number) ? [name] : [];
  });
  return names.slice(0, mostRootNames);
}
