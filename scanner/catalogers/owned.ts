import { baseOf, cleanPath, longestPath, parentOf } from '../archive/tar-path.ts';
import { isKnownProgram } from './binaries/match.ts';

/** Characters of all owned paths that are kept of one database: some fifty thousand paths. */
export const mostOwnedCharacters = 4 * 1024 ** 2;

/** Base names of files that tell of a language's package; other catalogers read these. */
const names: ReadonlySet<string> = new Set([
  ...['package.json', 'METADATA', 'PKG-INFO', 'vendor.txt', 'pom.properties', 'installed.json'],
]);
const ending = /\.(?:[jwekns]ar|aar|par|[jh]pi|lpkg|egg|(?:egg|dist)-info|gemspec|deps\.json|dll|exe)$/i;

/** Programs of distributions lie in one of these folders or below; few that are of note have a dot in their name. */
const programFolder = /(?:^|\/)(?:s?bin|libexec|lib(?:32|64|x32)?|opt)(?:\/|$)/;

/**
 * Whether a file can be a language's package, or a program that holds some. Of the files that a distribution's packages
 * own only these are kept.
 */
export function mayTell(base: string, folder: string): boolean {
  if (names.has(base) || ending.test(base)) return true;
  return (!base.includes('.') || isKnownProgram(base)) && programFolder.test(folder);
}

/** Gathers the paths of one list of files, those that can tell, as far as they are kept. */
export class OwnedPaths {
  readonly paths: string[] = [];
  #characters = 0;

  /** Takes a path as the list has it; false: no more are kept. */
  add(listed: string): boolean {
    const path = cleanPath(listed);
    if (path === '' || path.length > longestPath || !mayTell(baseOf(path), parentOf(path))) return true;
    this.#characters += path.length;
    // What is not known to be owned is a language's package, so leaving files out hides nothing.
    if (this.#characters > mostOwnedCharacters) return false;
    this.paths.push(path);
    return true;
  }
}
