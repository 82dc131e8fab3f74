import type { StoredManifest } from '../core/image.ts';
import { within } from '../core/within.ts';

/** What became of asking an upstream for a tag. It never rejects: whoever has left must not be told of its failure. */
export type Landing =
  | { readonly kind: 'found'; readonly manifest: StoredManifest }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A tag that is being asked of its upstream, for everybody who wants to know. */
export class TagFlight {
  readonly landing: Promise<Landing>;
  /** A push or a deletion has come in between: what was asked before must not be gone by after. */
  overtaken = false;
  /** The log has been told that it is late. */
  told = false;
  readonly #since = performance.now();

  /** `ask` begins in a later turn, when the flight is known. */
  constructor(ask: (flight: TagFlight) => Promise<StoredManifest>) {
    this.landing = Promise.resolve()
      .then(() => ask(this))
      .then(
        (manifest): Landing => ({ kind: 'found', manifest }),
        (error: unknown): Landing => ({ kind: 'failed', error }),
      );
  }

  /** How it landed; null where it takes longer than `milliseconds` from its beginning. */
  within(milliseconds: number): Promise<Landing | null> {
    const left = milliseconds - (performance.now() - this.#since);
    return within(this.landing, Math.max(0, left), () => null);
  }
}
