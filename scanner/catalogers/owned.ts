/** Characters of all owned paths that are kept of one database: some fifty thousand paths. */
export const mostOwnedCharacters = 4 * 1024 ** 2;

/** Base names of files that tell of a language's package; other catalogers read these. */
const names: ReadonlySet<string> = new Set(['package.json', 'METADATA', 'PKG-INFO']);
const endings = ['.jar', '.war', '.ear', '.gemspec', '.egg-info', '.egg'] as const;

/**
 * Whether a file of this base name can be a language's package. Of the files that a distribution's packages own only
 * these are kept: what one of its packages brought is not to be reported a second time.
 */
export function isPackageFileName(base: string): boolean {
  return names.has(base) || endings.some((ending) => base.endsWith(ending));
}
