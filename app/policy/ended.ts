import type { GrantedException } from '../../core/exception.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import type { Policy } from '../../policy/policy.ts';
import { type LogStores, listedIn, logEnded, namedGrant } from './exception-log.ts';

/** Until when (milliseconds since 1970) ended exceptions have been told, as the state keeps it. */
const cursorName = 'ended-exceptions';

/** Writes down each exception that ends, once, though the process was not there at that instant. */
export class EndedExceptions {
  readonly #stores: LogStores & { readonly verdicts: Cursors };
  readonly #now: () => number;
  /** null: not read yet. */
  #toldUntil: number | null = null;

  constructor(parts: LogStores & { readonly verdicts: Cursors; readonly now: () => number }) {
    this.#stores = parts;
    this.#now = parts.now;
  }

  /** @param policies with granted exceptions or without */
  async tell(policies: readonly Policy[], granted: readonly GrantedException[]): Promise<void> {
    const { verdicts } = this.#stores;
    const now = this.#now();
    this.#toldUntil ??= await verdicts.followerCursor(cursorName);
    const from = this.#toldUntil;
    // Nothing was told yet: what ended before is no news. Or the clock was turned back: what ends again is told again.
    if (from === 0 || from > now) return this.#keep(now);
    const ended = [...listedIn(policies), ...granted.map(namedGrant)].filter(
      ({ exception: { endsAt } }) => from < endsAt && endsAt <= now,
    );
    if (ended.length === 0) return;
    await logEnded(this.#stores, ended, now);
    return this.#keep(now);
  }

  async #keep(now: number): Promise<void> {
    await this.#stores.verdicts.putFollowerCursor(cursorName, now);
    this.#toldUntil = now;
  }
}

type Cursors = Pick<VerdictStore, 'followerCursor' | 'putFollowerCursor' | 'putChange'>;
