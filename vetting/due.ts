import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { VerdictStore } from '../core/ports/verdicts.ts';
import type { Judge } from './judge.ts';

/** Images judged again in one turn. */
const atOnce = 200;
/** After a failure nothing is tried for so long, milliseconds. */
const pause = 60_000;
/** Milliseconds after which an image is scanned again that could not be. */
const scanPause = 5 * 60_000;
/** Images that are being scanned again; the scanner itself decides how many at once. */
const mostScanned = 16;
/** Images without an inventory that are remembered, so that they do not stand before the others. */
const mostSkipped = 100_000;

export interface DueOptions {
  readonly records: Pick<VerdictStore, 'dueVerdicts'>;
  readonly judge: Pick<Judge, 'rejudge'>;
  /**
   * Scans an image again of which another scanner's word has ended, and judges it; false where it has to be asked for. Left
   * out: no scanner's word ends.
   */
  readonly again?: (digest: Digest) => Promise<boolean>;
  /** What is recorded of these has changed. */
  readonly onChanged: (digests: readonly Digest[]) => void;
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Judges again what time has overtaken: a grace or an exception that has ended, advisories that have become too old.
 * Gates look at the clock themselves; this is so that the change is told when it comes and not at the next pull.
 */
export class DueVerdicts {
  readonly #options: DueOptions;
  readonly #skipped = new Set<Digest>();
  /** Images that are being scanned again (infinity), or are not before a time. */
  readonly #later = new Map<Digest, number>();
  #running: Promise<void> | null = null;
  #notBefore = 0;

  constructor(options: DueOptions) {
    this.#options = options;
  }

  /** One turn; one that is under way is waited for instead. Never rejects. */
  turn(): Promise<void> {
    this.#running ??= this.#turn().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Everything may be judged again: the advisories, the policy or the analyzers have changed. */
  groundChanged(): void {
    this.#skipped.clear();
    this.#notBefore = 0;
  }

  async #turn(): Promise<void> {
    const { records, onChanged, now, logger } = this.#options;
    // A clock that was set back must not end the turns.
    if (now() < this.#notBefore && now() >= this.#notBefore - pause) return;
    try {
      const at = new Date(now()).toISOString();
      const due = await records.dueVerdicts(at, atOnce + this.#skipped.size + this.#later.size);
      const done: Digest[] = [];
      for (const digest of due.filter((one) => this.#isOpen(one)).slice(0, atOnce)) {
        if (await this.#rejudge(digest)) done.push(digest);
      }
      if (done.length > 0) onChanged(done);
    } catch (error) {
      this.#notBefore = now() + pause;
      logger.warn(
        { err: error },
        'which verdicts time has overtaken could not be read: their gates are closed',
      );
    }
  }

  /** False where it has to wait for something else: an inspection at its next pull, or other advisories. */
  async #rejudge(digest: Digest): Promise<boolean> {
    try {
      if ((await this.#options.judge.rejudge(digest)) !== null) return true;
    } catch (error) {
      this.#options.logger.warn(
        { digest, err: error },
        'an image could not be judged again: its gate stays closed',
      );
    }
    if (this.#options.again !== undefined) this.#scanAgain(digest, this.#options.again);
    else if (this.#skipped.size < mostSkipped) this.#skipped.add(digest);
    return false;
  }

  #isOpen(digest: Digest): boolean {
    return !this.#skipped.has(digest) && (this.#later.get(digest) ?? 0) <= this.#options.now();
  }

  /** Nobody waits for it: a turn is short, and a scan is not. */
  #scanAgain(digest: Digest, again: NonNullable<DueOptions['again']>): void {
    const { onChanged, now, logger } = this.#options;
    const running = [...this.#later.values()].filter((until) => until === Number.POSITIVE_INFINITY).length;
    if (running >= mostScanned) return;
    this.#later.set(digest, Number.POSITIVE_INFINITY);
    again(digest).then(
      (done) => {
        this.#later.delete(digest);
        if (done) onChanged([digest]);
        else if (this.#skipped.size < mostSkipped) this.#skipped.add(digest);
      },
      (error: unknown) => {
        this.#later.set(digest, now() + scanPause);
        logger.warn({ digest, err: error }, 'an image could not be scanned again: its gate stays closed');
      },
    );
  }
}
