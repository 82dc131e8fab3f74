import { isPratiqueError } from '../../core/errors.ts';
import type { PratiqueEvent } from '../../core/event.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { replicaSchemaVersion } from '../../core/replica.ts';
import { pause } from '../cluster/wait.ts';
import { misbehaved, type ProxyClient } from './client.ts';
import type { Contact } from './contact.ts';

/** Events that wait; what came first goes first where there is no room. */
const mostWaiting = 1000;
/** Events of one request. */
const mostTogether = 100;
/** Milliseconds that an event waits for others, and until the next attempt. */
const gatheredFor = 1000;
const firstPause = 2_000;
const longestPause = 60_000;
const within = 10_000;
/** Bytes of an answer. */
const longest = 64 * 1024;

/** Tells the proxy what was refused, which has the receivers. Never in anybody's way: what finds no room is counted and lost. */
export class EventOutbox {
  readonly #client: ProxyClient;
  readonly #contact: Contact;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  #waiting: PratiqueEvent[] = [];
  #sending: Promise<void> | null = null;
  #lost = 0;

  constructor(parts: { readonly client: ProxyClient; readonly contact: Contact; readonly logger: Logger }) {
    this.#client = parts.client;
    this.#contact = parts.contact;
    this.#logger = parts.logger;
  }

  /** Never throws, never waits. */
  add(event: PratiqueEvent): void {
    if (this.#ending.signal.aborted) return;
    this.#waiting.push(event);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Since the start. */
  get lost(): number {
    return this.#lost;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#sending;
    if (this.#waiting.length > 0)
      this.#logger.warn({ lost: this.#waiting.length }, 'events that the proxy was not told of are lost');
  }

  async #send(): Promise<void> {
    const { signal } = this.#ending;
    await pause(gatheredFor, signal);
    for (let failures = 0; this.#waiting.length > 0 && !signal.aborted; ) {
      const batch = this.#waiting.splice(0, mostTogether);
      try {
        await this.#post(batch);
        this.#contact.believed('tell');
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#failed(error, batch);
        await pause(Math.min(longestPause, firstPause * 2 ** Math.min(10, failures - 1)), signal);
      }
    }
  }

  async #post(events: readonly PratiqueEvent[]): Promise<void> {
    const { status, value } = await this.#client.ask({
      ...({ method: 'POST', path: '/gates/v1/events', longest } as const),
      body: { schemaVersion: replicaSchemaVersion, events },
      milliseconds: within,
      signal: this.#ending.signal,
    });
    if (status < 200 || status > 299)
      throw misbehaved(`it answers ${status} to /gates/v1/events: ${JSON.stringify(value).slice(0, 200)}`);
  }

  /** What it does not take now waits on; what it will never take is lost. */
  #failed(error: unknown, batch: readonly PratiqueEvent[]): void {
    if (!isPratiqueError(error)) {
      this.#lost += batch.length;
      this.#logger.error({ err: error, lost: batch.length }, 'events could not be told to the proxy');
      return;
    }
    if (!this.#ending.signal.aborted) this.#contact.failed('tell', error);
    if (error.code === 'proxy-misbehaved') {
      this.#lost += batch.length;
      return;
    }
    this.#waiting = [...batch, ...this.#waiting];
    const over = this.#waiting.length - mostWaiting;
    if (over > 0) this.#waiting.splice(0, over);
    this.#lost += Math.max(0, over);
  }
}
