import { Windows } from '../windows.ts';
import type { Clue, Row } from './table.ts';

/** What a pattern sees where its row does not say. */
const usualAfter = 96;
/** Places at which one anchor was found and its pattern held against; a program has its version at the first few. */
const mostPlaces = 2000;

interface Searched {
  readonly clue: Clue;
  readonly anchor: Buffer;
  version: string | null;
  places: number;
}

/** Finds what one row tells of a program, part by part, in one pass. */
export class ClueSearch {
  readonly #row: Row;
  /** As they are in the row: what is found by an earlier one counts. */
  readonly #clues: readonly Searched[];
  readonly #windows: Windows;

  constructor(row: Row, numbers: string) {
    this.#row = row;
    this.#clues = row.clues(numbers).map((clue) => ({
      clue,
      anchor: Buffer.from(clue.anchor, 'latin1'),
      version: null,
      places: 0,
    }));
    const back = Math.max(0, ...this.#clues.map(({ clue }) => clue.before ?? 0));
    const reach = Math.max(0, ...this.#clues.map(({ clue, anchor }) => afterOf(clue) + anchor.length));
    this.#windows = new Windows(back, reach, (bytes, from, to) => {
      for (const one of this.#wanted()) look(one, bytes, from, to);
    });
  }

  /** False: nothing more has to be seen. */
  get isOpen(): boolean {
    return this.#wanted().length > 0;
  }

  take(bytes: Buffer): void {
    if (this.isOpen) this.#windows.take(bytes);
  }

  /** The version; null: it tells none. Called after the last byte. */
  end(): string | null {
    this.#windows.end();
    const found = this.#clues.find(({ version }) => version !== null)?.version ?? null;
    return found === null || this.#row.write === undefined ? found : this.#row.write(found);
  }

  /** Those before the first one that was found. */
  #wanted(): readonly Searched[] {
    const found = this.#clues.findIndex(({ version }) => version !== null);
    const open = found < 0 ? this.#clues : this.#clues.slice(0, found);
    return open.filter(({ places }) => places < mostPlaces);
  }
}

function look(one: Searched, bytes: Buffer, from: number, to: number): void {
  const { clue, anchor } = one;
  for (let at = bytes.indexOf(anchor, from); at >= 0 && at < to; at = bytes.indexOf(anchor, at + 1)) {
    one.places += 1;
    if (one.places > mostPlaces) return;
    const text = bytes.toString('latin1', Math.max(0, at - (clue.before ?? 0)), at + afterOf(clue));
    const version = clue.pattern.exec(text)?.[1];
    if (version === undefined) continue;
    one.version = version;
    return;
  }
}

function afterOf({ after }: Clue): number {
  return after ?? usualAfter;
}
