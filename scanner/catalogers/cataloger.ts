import type { Incomplete, OperatingSystem, PackageType } from '../../core/inventory.ts';

/** A package as its own database tells it, before layer and purl are known. */
export interface FoundPackage {
  readonly type: PackageType;
  readonly name: string;
  readonly version: string;
  readonly arch: string | null;
  readonly source: { readonly name: string; readonly version: string };
  /** See `Package`. */
  readonly modularityLabel?: string;
  /** As they are declared there, each at most 1000 characters; what SPDX calls them is found later (scanner/licenses/). */
  readonly licenses: readonly string[];
  /** Where in an archive it was found: `BOOT-INF/lib/x.jar`. Left out for the file itself. */
  readonly within?: string;
  /** What its purl says beside name and version (package-url specification, "qualifiers"), the system's aside. */
  readonly qualifiers?: Readonly<Record<string, string>>;
  /**
   * Clean paths of files by which another cataloger tells the same package, under a name that advisories know: where one
   * of these does, this one is left out.
   */
  readonly alsoAt?: readonly string[];
  /** It is a line of a list, and there only where other files of note lie in folders beside the list. */
  readonly besideCopies?: true;
}

/** Files that one of the distribution's packages owns, as its package manager lists them. */
export interface OwnedFiles {
  /** The package's name; null: the only one that `database` lists. */
  readonly by: string | null;
  /** The file that lists the package; left out for the file that tells this. */
  readonly database?: string;
  /** Clean paths that another cataloger or a prober may read (owned.ts); not all of them where there are very many. */
  readonly paths: readonly string[];
}

/** A path at which a package manager puts another package's file elsewhere (dpkg-divert(1)). */
export interface Diversion {
  readonly path: string;
  /** Whose file is there instead; null: the administrator's. */
  readonly by: string | null;
}

/** What a file tells of one package that another file lists (`Cataloger.notesAt`). */
export interface PackageNotes {
  /** As the file names them, each once. */
  readonly licenses: readonly string[];
  /** Name of the source that it was built from. */
  readonly source?: string;
}

/** What one file told. Plain data: it is stored with the layer's analysis. */
export interface FileFacts {
  readonly packages: readonly FoundPackage[];
  readonly os: OperatingSystem | null;
  readonly incomplete: readonly Incomplete[];
  readonly owned?: readonly OwnedFiles[];
  readonly diverted?: readonly Diversion[];
  /** A program was found in it as well (prober.ts), which a hard link takes along to any other name. */
  readonly program?: true;
  /** It is a C library or its loader, which no program without a system needs. */
  readonly cLibrary?: true;
  readonly notes?: PackageNotes;
}

/**
 * `content`: the file is read, up to `limit` bytes; `orFolder`: a folder of this name is nothing odd. `presence`: that it is there says enough.
 * `trace`: it shows that a database must have been there (see `Cataloger.database`); up to `limit` bytes it is read for
 * what it tells of owned files, and larger it tells nothing. `optional`: it adds to what others tell; where it is larger than
 * `limit` or cannot be read nothing is missing.
 */
export type Interest =
  | { readonly kind: 'content'; readonly limit: number; readonly orFolder?: true }
  | { readonly kind: 'presence' }
  | { readonly kind: 'trace'; readonly limit?: number }
  | { readonly kind: 'optional'; readonly limit: number };

/** Finds packages (or the operating system) in files of one kind. Pure; raise `version` with every change. */
export interface Cataloger {
  readonly name: string;
  readonly version: number;
  /** Whether a file at this clean path is of note. Called for every file of every image: has to be cheap. */
  match(path: string): Interest | null;
  /**
   * Never throws: what cannot be read is `incomplete`. `content` is empty for `presence`; it belongs to the caller, and what is
   * kept of it has to be copied.
   */
  parse(path: string, content: Buffer): FileFacts;
  /** Files that count also where a symbolic link leads to them from these paths. */
  readonly database: readonly string[];
  /** Folders of note: behind a symbolic link to anywhere else their files would be missed. */
  readonly folders: readonly string[];
  /** As `folders`, for those that may lie anywhere. */
  isFolder?(path: string): boolean;
  /**
   * Whether a file is read although its place is not of note, because links may lead to it from a place that is; it
   * counts only then.
   */
  isCandidate(path: string): boolean;
  /** Where there may be notes of a package that the file at `path` lists. */
  notesAt?(path: string, found: FoundPackage): string;
}

/** Packages taken from one file. A Debian with every package there is stays below this. */
export const mostPackages = 200_000;

export const noFacts: FileFacts = { packages: [], os: null, incomplete: [] };

export function onlyIncomplete(what: string, why: string): FileFacts {
  return { packages: [], os: null, incomplete: [{ what, why }] };
}
