import type { PlainError } from '../core/errors.ts';
import { weightOf } from '../scanner/weight.ts';
import type { LayerOutcome } from './ports.ts';

/**
 * What the layers of one image tell, bounded together: a layer that tells much is small, and one can be named many
 * times. A layer beyond the bound counts as unreadable, so the image is unfit.
 */
export class ToldByLayers {
  readonly #most: number;
  #told = 0;

  /** @param most characters (`weightOf`) */
  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#told > this.#most;
  }

  /** Counts a layer; once for each time that the image names it. */
  add(outcome: LayerOutcome): LayerOutcome {
    if (outcome.kind !== 'analysed') return outcome;
    this.#told += weightOf(outcome.analysis);
    return this.isFull ? this.refused() : outcome;
  }

  refused(): LayerOutcome {
    const message = `with it the image's layers tell more than ${this.#most} characters of paths and packages`;
    const error: PlainError = { code: 'limit-exceeded', message, fields: { limit: this.#most } };
    return { kind: 'unreadable', error };
  }
}
