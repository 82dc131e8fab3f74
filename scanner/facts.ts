import type { FileFacts, FoundPackage } from './catalogers/cataloger.ts';

/** Characters of a name or version; the longest real ones have a few hundred. */
const longestField = 1024;

/** What a cataloger told of a file, and what a prober told of the same; null: it is no program of note. */
export function together(one: FileFacts, program: FileFacts | null): FileFacts {
  if (program === null) return one;
  return {
    ...one,
    packages: [...one.packages, ...program.packages],
    incomplete: [...one.incomplete, ...program.incomplete],
    program: true,
  };
}

/** A name or version that no package manager would write is not kept, and said. */
export function bounded(path: string, facts: FileFacts): FileFacts {
  const packages = facts.packages.filter((found) =>
    textsOf(found).every((text) => text.length <= longestField),
  );
  const long = facts.packages.length - packages.length;
  if (long === 0) return facts;
  const why = `${long} of its packages have a name or version of more than ${longestField} characters`;
  return {
    ...facts,
    packages,
    incomplete: [...facts.incomplete, { what: path, why }],
  };
}

function textsOf(found: FoundPackage): string[] {
  return [
    found.name,
    found.version,
    found.arch ?? '',
    found.source.name,
    found.source.version,
    found.modularityLabel ?? '',
    found.within ?? '',
    ...Object.values(found.qualifiers ?? {}),
    ...(found.alsoAt ?? []),
    ...found.licenses,
  ];
}

/** Characters of what a file tells of a package that another lists. */
export function notesLength({ notes }: FileFacts): number {
  if (notes === undefined) return 0;
  return notes.licenses.reduce((sum, text) => sum + text.length, notes.source?.length ?? 0);
}

/** Characters. */
export function lengthOf(found: FoundPackage): number {
  return textsOf(found).reduce((sum, text) => sum + text.length, 0);
}
