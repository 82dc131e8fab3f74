import { LRUCache } from 'lru-cache';
import { fromPlainError, isPratiqueError, type PlainError, toPlainError } from '../core/errors.ts';

/** More than any client asks for in vain within seconds; beyond it the upstream is asked again. */
const mostRemembered = 10_000;

interface Absence {
  readonly until: number;
  readonly failure: PlainError;
}

/** What an upstream was asked for in vain, for a short time: clients and crawlers ask for it again at once. */
export class Missing {
  readonly #absences = new LRUCache<string, Absence>({ max: mostRemembered });
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The failure of before; null: nothing is known. */
  of(key: string): Error | null {
    const absence = this.#absences.get(key);
    if (absence === undefined) return null;
    if (this.#now() < absence.until) return fromPlainError(absence.failure);
    this.#absences.delete(key);
    return null;
  }

  /** Remembers the failure for `milliseconds`, if it says that there is nothing. */
  note(key: string, error: unknown, milliseconds: number): void {
    if (milliseconds <= 0 || !isPratiqueError(error) || error.code !== 'manifest-unknown') return;
    const failure = toPlainError(error, 'manifest-unknown');
    this.#absences.set(key, { until: this.#now() + milliseconds, failure });
  }

  /** Something has come there. */
  clear(key: string): void {
    this.#absences.delete(key);
  }
}
