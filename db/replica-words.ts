import { unpackSmall } from './packed-json.ts';
import { DamagedReplica } from './replica-marks.ts';
import { unreadWord } from './replica-schema.ts';
import type { Sqlite } from './sqlite.ts';

/** What many rows of a replica share, by its id. */
export interface SharedWords {
  id(word: string): number;
  /** @throws DamagedReplica */
  word(id: number): string;
  /** Id of the word if it is there. */
  knownId(word: string): number | null;
  /** Reads them again, where a transaction that made some was taken back. */
  reread(): void;
}

/** Looking for those that nobody has goes through all verdicts. */
const mostWords = 1000;

export function sharedWordsOn(db: Sqlite): SharedWords {
  const sql = {
    words: db.prepare<[], { id: number; word: string }>('SELECT id, word FROM word'),
    put: db.prepare<[string]>('INSERT INTO word (word) VALUES (?)'),
  };
  // Revisions that no row has any more: a few bytes for each time that advisories have changed.
  if (sql.words.all().length > mostWords) {
    db.exec(
      `DELETE FROM word WHERE id NOT IN (SELECT policy FROM verdict UNION SELECT policy_revision FROM verdict
       UNION SELECT advisories_revision FROM verdict UNION SELECT scanner FROM verdict) AND id <> ${unreadWord}`,
    );
  }
  const ids = new Map<string, number>();
  const words = new Map<number, string>();
  const learn = (id: number, word: string): void => {
    ids.set(word, id);
    words.set(id, word);
  };
  const reread = (): void => {
    ids.clear();
    words.clear();
    for (const { id, word } of sql.words.all()) learn(id, word);
  };
  reread();
  return {
    id: (word) => {
      const known = ids.get(word);
      if (known !== undefined) return known;
      const id = Number(sql.put.run(word).lastInsertRowid);
      learn(id, word);
      return id;
    },
    word: (id) => {
      const word = words.get(id);
      if (word === undefined) throw new DamagedReplica('a word is missing');
      return word;
    },
    knownId: (word) => ids.get(word) ?? null,
    reread,
  };
}

/** @throws DamagedReplica */
export function unpacked(packed: Buffer): string {
  try {
    return unpackSmall(packed);
  } catch (error) {
    throw new DamagedReplica('a packed text cannot be unpacked', { cause: error });
  }
}
