import { packSmall, unpackSmall } from './packed-json.ts';
import { DamagedReplica, hashOf } from './replica-marks.ts';
import type { Sqlite } from './sqlite.ts';

/** A text that is held, and what its row is named by. */
export interface SharedText {
  readonly id: number;
  /** Hex digits. */
  readonly hash: string;
}

/** What many rows of a replica share: words by their id, texts by their hash. */
export interface SharedTexts {
  wordId(word: string): number;
  /** @throws DamagedReplica */
  word(id: number): string;
  /** Id of the word if it is there. */
  knownWord(word: string): number | null;
  /** Keeps the text, once. */
  keep(text: string): SharedText;
  /** @throws DamagedReplica */
  text(id: number): SharedText & { readonly text: string };
  /** Reads the words again, where a transaction that made some was taken back. */
  reread(): void;
  /** Takes a text out that no verdict has any more. */
  release(id: number): void;
}

/** Looking for those that nobody has goes through all verdicts. */
const mostWords = 1000;

export function sharedTextsOn(db: Sqlite): SharedTexts {
  const sql = {
    words: db.prepare<[], { id: number; word: string }>('SELECT id, word FROM word'),
    putWord: db.prepare<[string]>('INSERT INTO word (word) VALUES (?)'),
    textId: db.prepare<[Buffer], { id: number }>('SELECT id FROM text WHERE hash = ?'),
    putText: db.prepare<[Buffer, Buffer]>('INSERT INTO text (hash, packed) VALUES (?, ?)'),
    text: db.prepare<[number], { hash: Buffer; packed: Buffer }>(
      'SELECT hash, packed FROM text WHERE id = ?',
    ),
    release: db.prepare<[{ id: number }]>(
      'DELETE FROM text WHERE id = @id AND NOT EXISTS (SELECT 1 FROM verdict WHERE text = @id)',
    ),
  };
  // Revisions that no row has any more: a few bytes for each time that advisories have changed.
  if (sql.words.all().length > mostWords) {
    db.exec(
      `DELETE FROM word WHERE id NOT IN (SELECT policy FROM verdict UNION SELECT policy_revision FROM verdict
       UNION SELECT advisories_revision FROM verdict UNION SELECT scanner FROM verdict)`,
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
    wordId: (word) => {
      const known = ids.get(word);
      if (known !== undefined) return known;
      const id = Number(sql.putWord.run(word).lastInsertRowid);
      learn(id, word);
      return id;
    },
    word: (id) => {
      const word = words.get(id);
      if (word === undefined) throw new DamagedReplica('a word is missing');
      return word;
    },
    knownWord: (word) => ids.get(word) ?? null,
    keep: (text) => {
      const hash = hashOf(text);
      const known = sql.textId.get(hash);
      const id = known?.id ?? Number(sql.putText.run(hash, packSmall(text)).lastInsertRowid);
      return { id, hash: hash.toString('hex') };
    },
    text: (id) => {
      const row = sql.text.get(id);
      if (row === undefined) throw new DamagedReplica('a text is missing');
      const text = unpacked(row.packed);
      if (!hashOf(text).equals(row.hash)) throw new DamagedReplica('a text is not as it was written');
      return { id, text, hash: row.hash.toString('hex') };
    },
    reread,
    release: (id) => {
      sql.release.run({ id });
    },
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
