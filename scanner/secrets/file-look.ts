import { isAllowedPath } from './allowed.ts';
import { findSecrets } from './find.ts';

/** A secret's place in a layer. Never the secret, nor anything that was computed from it (ADR 0032). */
export interface FileSecret {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Id of the rule that found it; `too-many` where a file was not looked at to its end. */
  readonly rule: string;
}

/** Of one file; a file of keys has more of the same. */
const mostOfFile = 20;
const newline = 0x0a;
/** Of one layer. */
const mostOfLayer = 1000;
const mostText = 1024 ** 2;

/** What stands for the rest of a file that holds more than is looked at. */
export const tooMany = 'too-many';

/** Gathers the secrets in a layer's files. */
export class FileSecrets {
  readonly #found: FileSecret[] = [];
  #more = 0;
  #text = 0;

  /** @param bytes the file's whole content */
  look(path: string, bytes: Buffer): void {
    const { hits, all } = findSecrets(bytes, mostOfFile);
    if ((hits.length === 0 && all) || isAllowedPath(path)) return;
    let line = 1;
    let from = 0;
    for (const { rule, start } of hits) {
      for (let at = bytes.indexOf(newline, from); at >= 0 && at < start; at = bytes.indexOf(newline, from)) {
        line += 1;
        from = at + 1;
      }
      this.#add({ path, line, rule: rule.id });
    }
    if (!all) this.#add({ path, line, rule: tooMany });
  }

  #add(secret: FileSecret): void {
    this.#text += secret.path.length;
    if (this.#found.length >= mostOfLayer || this.#text > mostText) this.#more += 1;
    else this.#found.push(secret);
  }

  get found(): readonly FileSecret[] {
    return this.#found;
  }

  /** How many there are beyond those. */
  get more(): number {
    return this.#more;
  }
}
