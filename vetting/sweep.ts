import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import type { Judge } from './judge.ts';

/**
 * Judges every recorded image again, one after the other and without any upstream, so that reports say what the
 * newest advisories say before somebody pulls. Gates never wait for it: they judge what they are asked for.
 */
export class Sweep {
  readonly #records: Records;
  readonly #judge: Judge;
  readonly #analyzers: string;
  readonly #logger: Logger;
  #round = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly records: Records;
    readonly judge: Judge;
    readonly analyzers: string;
    readonly logger: Logger;
  }) {
    this.#records = options.records;
    this.#judge = options.judge;
    this.#analyzers = options.analyzers;
    this.#logger = options.logger;
  }

  /** Begins a round; one that is under way ends, because what it judges by is out of date. */
  start(): void {
    this.#round += 1;
    const round = this.#round;
    this.#running = this.#running
      .then(() => this.#sweep(round))
      .catch((error: unknown) => this.#logger.error({ err: error }, 'judging recorded images again failed'));
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#round += 1;
    await this.#running;
  }

  async #sweep(round: number): Promise<void> {
    const digests = await this.#records.inventoried(this.#analyzers);
    let changed = 0;
    for (const digest of digests) {
      if (round !== this.#round) return;
      if (await this.#rejudge(digest)) changed += 1;
    }
    this.#logger.info({ images: digests.length, changed }, 'recorded images were judged again');
  }

  /** Whether the verdict is another one now. One image that cannot be judged does not keep the others waiting. */
  async #rejudge(digest: Digest): Promise<boolean> {
    try {
      const before = await this.#records.getVerdict(digest);
      const after = await this.#judge.rejudge(digest);
      if (after === null || before?.status === after.status) return false;
      this.#logger.warn(
        { digest, from: before?.status ?? null, to: after.status, reason: after.reasons[0] ?? null },
        'verdict changed',
      );
      return true;
    } catch (error) {
      this.#logger.warn({ digest, err: error }, 'an image could not be judged again: its gate stays closed');
      return false;
    }
  }
}
