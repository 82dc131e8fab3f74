import { cleanPath, joinPath, longestPath } from '../../archive/tar-path.ts';
import type { OwnedFiles } from '../cataloger.ts';
import { mayTell, mostOwnedCharacters } from '../owned.ts';

/** The files of packages, as apk lists them: `F:` a folder, then `R:` for each file in it. */
export class FileList {
  readonly owned: OwnedFiles[] = [];
  #folder = '';
  #paths: string[] = [];
  #characters = 0;

  line(key: string, value: string): void {
    if (key === 'F') this.#folder = value;
    if (key !== 'R' || !mayTell(value, this.#folder)) return;
    const path = cleanPath(joinPath(this.#folder, value));
    this.#characters += path.length;
    // What is not known to be owned is a language's package, so leaving files out hides nothing.
    if (path.length <= longestPath && this.#characters <= mostOwnedCharacters) this.#paths.push(path);
  }

  /** The package's lines are at their end. */
  finish(by: string): void {
    if (by !== '' && this.#paths.length > 0) this.owned.push({ by, paths: this.#paths });
    this.#folder = '';
    this.#paths = [];
  }
}
