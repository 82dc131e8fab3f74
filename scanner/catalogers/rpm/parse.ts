import type { Incomplete } from '../../../core/inventory.ts';
import {
  type FileFacts,
  type FoundPackage,
  mostPackages,
  noFacts,
  type OwnedFiles,
  onlyIncomplete,
} from '../cataloger.ts';
import { mayTell, mostOwnedCharacters } from '../owned.ts';
import { isBerkeleyHash, readBerkeleyHash } from './berkeley.ts';
import { fileListOf } from './file-list.ts';
import type { Found } from './found.ts';
import { Header } from './header.ts';
import { isNdb, readNdb } from './ndb.ts';
import { packageOf } from './package.ts';
import { isSpent, isSqlite, readSqlite } from './sqlite.ts';

/** Enough to see what is wrong with a database. */
const mostFaults = 50;

const formats = [
  { is: isSqlite, read: readSqlite },
  { is: isNdb, read: readNdb },
  { is: isBerkeleyHash, read: readBerkeleyHash },
] as const;

/** An rpm database of any format; what it is, its first bytes tell. */
export function parseRpm(path: string, content: Buffer): FileFacts {
  if (content.length === 0) return onlyIncomplete(path, 'it is empty');
  const format = formats.find(({ is }) => is(content));
  if (format === undefined) return onlyIncomplete(path, 'it is no rpm database of a known format');
  const facts = new FactsOfDatabase(path);
  for (const found of format.read(content)) if (!facts.take(found)) break;
  return facts.all();
}

/** A log or journal of SQLite: changes in it would make the database another one. */
export function parsePending(path: string, content: Buffer): FileFacts {
  return isSpent(content)
    ? noFacts
    : onlyIncomplete(path, 'it holds changes that are not in the database yet');
}

class FactsOfDatabase {
  readonly #path: string;
  readonly #packages: FoundPackage[] = [];
  readonly #incomplete: Incomplete[] = [];
  readonly #owned: OwnedFiles[] = [];
  #ownedCharacters = 0;
  #faults = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** False: no more is wanted. */
  take(found: Found): boolean {
    if ('fault' in found) return this.#fault(found.fault);
    if (this.#packages.length >= mostPackages) {
      this.#fault(`it has more than ${mostPackages} packages`);
      return false;
    }
    const header = Header.of(found.header);
    if (typeof header === 'string') return this.#fault(header);
    const one = packageOf(header);
    if (typeof one === 'string') return this.#fault(one);
    if (one === null) return true;
    this.#packages.push(one);
    return this.#takeFiles(one.name, header);
  }

  all(): FileFacts {
    const more = this.#faults - this.#incomplete.length;
    const rest = more > 0 ? [{ what: this.#path, why: `${more} more things in it cannot be read` }] : [];
    return {
      packages: this.#packages,
      os: null,
      incomplete: [...this.#incomplete, ...rest],
      ...(this.#owned.length === 0 ? {} : { owned: this.#owned }),
    };
  }

  #takeFiles(name: string, header: Header): boolean {
    const files = fileListOf(header, mayTell);
    if (files === null) return this.#fault(`the list of files of package "${name}" cannot be read`);
    const paths: string[] = [];
    for (const file of files) {
      this.#ownedCharacters += file.length;
      // What is not known to be owned is a language's package, so leaving files out hides nothing.
      if (this.#ownedCharacters > mostOwnedCharacters) break;
      paths.push(file);
    }
    if (paths.length > 0) this.#owned.push({ by: name, paths });
    return true;
  }

  #fault(why: string): true {
    this.#faults += 1;
    if (this.#faults <= mostFaults) this.#incomplete.push({ what: this.#path, why });
    return true;
  }
}
