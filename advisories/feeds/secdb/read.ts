import type { FeedRecord, LocalFile } from '../feed.ts';
import { jsonMembers } from '../json-members.ts';
import { closeFile, openFile, unreadable } from '../unreadable.ts';
import { parseSecdbPackage, type SecdbDialect } from './parse.ts';

/** Which release a file is about has to be what its path says, or its fixes would be taken for another's. */
export interface SecdbExpectation {
  readonly dialect: SecdbDialect;
  /** `distroversion` and `reponame` as they have to be, where they are there. */
  readonly stated: ReadonlyMap<string, string>;
}

/**
 * One file of a security database in Alpine's format.
 * @param name what messages call it
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export function* readSecdb(
  local: LocalFile,
  name: string,
  expected: SecdbExpectation,
): Generator<FeedRecord> {
  const file = openFile(local.file, name);
  try {
    let found = false;
    for (const part of jsonMembers(file, 'packages')) {
      if (part.index === null) {
        const wanted = expected.stated.get(part.key);
        if (part.key === 'packages') {
          if (!('value' in part) || !isEmpty(part.value)) throw unreadable(file, 'its "packages" is no list');
          found = true;
        } else if (wanted !== undefined && !('value' in part && part.value === wanted)) {
          throw unreadable(file, `its "${part.key}" is not "${wanted}"`);
        }
        continue;
      }
      found = true;
      if ('rejected' in part) {
        yield { kind: 'rejected', name: `${local.path}: packages[${part.index}]`, why: part.rejected };
      } else {
        yield* parseSecdbPackage(part.value, expected.dialect, local.path);
      }
    }
    if (!found) throw unreadable(file, 'it has no "packages"');
  } finally {
    closeFile(file);
  }
}

/** A list without elements is an object without members (Lua, in which the databases are made, has one type for both) or null. */
function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
