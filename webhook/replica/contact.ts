import { errorText, isPratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';

export type AskedFor = 'changes' | 'images' | 'ground' | 'vet' | 'tell';
/** `not-kept`: it has answered, and what it says could not be written here. */
export type Heard = 'believed' | 'away' | 'refused' | 'not-believed' | 'not-kept';

/** How it stands with the proxy: told once when it changes, and shown for as long as it is so. */
export class Contact {
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #onAnswer: (what: AskedFor, heard: Heard) => void;
  /** By what was asked for. */
  readonly #problems = new Map<AskedFor, { readonly text: string; readonly since: number }>();

  /** @param options `now` milliseconds since 1970; `onAnswer` is called once for each answer, or its absence */
  constructor(options: {
    readonly now: () => number;
    readonly logger: Logger;
    readonly onAnswer?: (what: AskedFor, heard: Heard) => void;
  }) {
    this.#now = options.now;
    this.#logger = options.logger;
    this.#onAnswer = options.onAnswer ?? (() => undefined);
  }

  believed(what: AskedFor): void {
    this.#onAnswer(what, 'believed');
    if (this.#problems.delete(what)) this.#logger.info({ what }, 'the proxy answers again');
  }

  /** @throws what is no named error: an error in Pratique itself */
  failed(what: AskedFor, error: unknown): void {
    if (!isPratiqueError(error)) throw error;
    const heard = heardOf(error.code);
    this.#onAnswer(what, heard);
    const before = this.#problems.get(what);
    const text = textOf(heard, errorText(error));
    this.#problems.set(what, { text, since: before?.since ?? this.#now() });
    if (before?.text === text) return;
    const fields = { what, why: errorText(error) };
    switch (heard) {
      case 'not-believed':
        this.#logger.error(
          fields,
          'an answer is not believed to be the proxy: what was known stays in force',
        );
        return;
      case 'refused':
        this.#logger.error(fields, 'the proxy does not know us: what was known stays in force');
        return;
      case 'not-kept':
        this.#logger.error(
          fields,
          'what the proxy says cannot be kept here: what was known stays in force, and what is not known waits',
        );
        return;
      case 'away':
      case 'believed':
        this.#logger.warn(fields, 'the proxy does not answer: what was known stays in force');
    }
  }

  /** All that it has to tell is read, by the ground in force. @param isBack after a failure: what was wrong with single questions is of before */
  isHeard(isBack: boolean): void {
    this.#problems.delete('ground');
    if (!isBack) return;
    this.#problems.delete('vet');
    this.#problems.delete('tell');
  }

  /** Sentences, each once whatever was asked for; empty where all is well. */
  problems(): readonly string[] {
    const since = new Map<string, number>();
    for (const { text, since: at } of this.#problems.values())
      since.set(text, Math.min(at, since.get(text) ?? at));
    return [...since].map(([text, at]) => `${text} (since ${iso(at)})`);
  }

  /** The same for who waits for an image; null: all is well. */
  problem(): string | null {
    const [first] = ['vet', 'changes', 'ground', 'images'].flatMap(
      (what) => this.#problems.get(what as AskedFor) ?? [],
    );
    return first === undefined ? null : `${first.text} (since ${iso(first.since)})`;
  }
}

function heardOf(code: string): Heard {
  switch (code) {
    case 'proxy-misbehaved':
      return 'not-believed';
    case 'proxy-refused':
      return 'refused';
    case 'storage-full':
    case 'data-unusable':
      return 'not-kept';
    default:
      return 'away';
  }
}

function textOf(heard: Heard, why: string): string {
  switch (heard) {
    case 'not-believed':
      return `what answers in place of the proxy is not believed: ${why}`;
    case 'refused':
      return `the proxy does not answer us: ${why}`;
    case 'not-kept':
      return `what the proxy says cannot be kept: ${why}`;
    case 'away':
    case 'believed':
      return `the proxy is away: ${why}`;
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
