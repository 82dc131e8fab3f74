import type { Package, PackageType } from '../../../core/inventory.ts';

/** A package as one list names it. Two lists agree where all of this is the same. */
export interface Listed {
  readonly type: PackageType;
  readonly name: string;
  readonly version: string;
  /** What else the list tells: architecture and source. Empty where it tells no more. */
  readonly detail: string;
  /** Where it lies, from the root, where the list tells it; else empty. */
  readonly place: string;
  /** What explanations look at; two lists agree whatever it is. */
  readonly note?: string;
}

/** What some program of the package manager's own says is there. */
export interface PackageList {
  /** By which `cases.json` asks for it. */
  readonly name: string;
  /** Whose word it is, for people. */
  readonly source: string;
  /**
   * @param root a folder with a root filesystem
   * @param folder within it, where the case names one; else empty
   * @throws Error where the program is not there or fails
   */
  read(root: string, folder: string): Promise<readonly Listed[]>;
  /** What of an inventory the list has to have, in the list's words. */
  ours(packages: readonly Package[], folder: string): readonly Listed[];
}

export function keyOf({ type, name, version, detail, place }: Listed): string {
  return [type, name, version, detail, place].join('\t');
}

/** Whether a path is the folder or lies below it; every path lies below the empty one. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Lines of a program's answer, each of so many fields parted by tabs. @throws Error for any other line */
export function rowsOf(text: string, fields: number): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const row = line.split('\t');
    if (row.length !== fields) throw new Error(`a line of ${fields} fields was expected: ${line}`);
    return row;
  });
}

/** An inventory with all that it tells of each package. */
export function asListed(packages: readonly Package[]): readonly Listed[] {
  return packages.map(({ type, name, version, arch, source, ownedBy, paths, licenses }) => ({
    type,
    name,
    version,
    detail: JSON.stringify([arch, source, ownedBy ?? null, licenses]),
    place: paths.join(' '),
  }));
}
