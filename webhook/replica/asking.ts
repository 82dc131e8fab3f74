import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { Flights } from '../../core/flights.ts';
import { Places } from '../../core/places.ts';
import type { ReplicaStore } from '../../core/ports/replica.ts';
import type { VetAnswer, VetAsked } from '../../core/replica.ts';
import type { RepositoryAddress } from '../../core/repository.ts';
import { type Believed, believeVet } from './believe.ts';
import type { Breaker } from './breaker.ts';
import { misbehaved, type ProxyClient } from './client.ts';
import type { Contact } from './contact.ts';
import type { Knowledge } from './knowledge.ts';
import type { UnreadTold } from './unread.ts';

/** References that are asked for at once; of one namespace half of them. */
const mostAsked = 64;
/** The proxy waits no longer, milliseconds. */
const longestWait = 30_000;
/** Milliseconds that an answer may be on its way, beside the time that the proxy may wait. */
const onTheWay = 500;
/** Bytes of an answer. */
const longest = 16 * 1024 ** 2;

export interface AskingParts {
  readonly client: ProxyClient;
  readonly store: Pick<ReplicaStore, 'putVetted' | 'dropTag'>;
  readonly knowledge: Knowledge;
  readonly contact: Contact;
  readonly breaker: Breaker;
  readonly unread: Pick<UnreadTold, 'add'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Asks the proxy for single images: one question for a reference, however many want to know. What it answers is kept. */
export class Asking {
  readonly #parts: AskingParts;
  readonly #flights = new Flights<VetAnswer>();
  readonly #places = new Places(mostAsked);

  constructor(parts: AskingParts) {
    this.#parts = parts;
  }

  /** Questions that are open. */
  get open(): number {
    return this.#flights.size;
  }

  /**
   * @param pointer a tag or a digest
   * @param milliseconds how long whoever asks first can wait; who joins waits as long as he likes
   * @param namespace for whose objects; null: of the cluster
   * @throws PratiqueError `proxy-…`, `data-unusable`
   */
  ask(
    address: RepositoryAddress,
    pointer: string,
    milliseconds: number,
    namespace: string | null,
  ): Promise<VetAnswer> {
    const key = `${address.upstream} ${address.path} ${pointer}`;
    const who = namespace ?? '';
    if (!this.#flights.has(key)) {
      if (!this.#places.enter(who)) {
        return rejected(
          `${this.open} images are asked for at once already, of ${mostAsked}, half of which one namespace gets: try again in a few seconds`,
        );
      }
      if (!this.#parts.breaker.enter()) {
        this.#places.leave(who);
        return rejected(this.#silent());
      }
    }
    return this.#flights.run(key, async () => {
      try {
        return await this.#ask(address, pointer, milliseconds);
      } finally {
        this.#places.leave(who);
      }
    });
  }

  #silent(): string {
    const { contact, breaker } = this.#parts;
    const seconds = Math.max(1, breaker.secondsLeft);
    return `${contact.problem() ?? 'the proxy has not answered'}; it is asked again in ${seconds} s`;
  }

  async #ask(address: RepositoryAddress, pointer: string, milliseconds: number): Promise<VetAnswer> {
    const { client, contact, breaker, unread, now } = this.#parts;
    const wait = Math.max(0, Math.min(longestWait, Math.floor(milliseconds - onTheWay)));
    const asked: VetAsked = { upstream: address.upstream, path: address.path, pointer, milliseconds: wait };
    // What comes back is no younger than the question, however long it was on its way.
    const askedAt = now();
    let answer: Believed<VetAnswer>;
    try {
      const { status, value } = await client.ask({
        ...({ method: 'POST', path: '/gates/v1/vet', body: asked, longest } as const),
        milliseconds: Math.max(wait, 1000) + onTheWay,
      });
      if (status !== 200)
        throw misbehaved(`it answers ${status} to /gates/v1/vet: ${JSON.stringify(value).slice(0, 200)}`);
      answer = believeVet(value, asked, now());
    } catch (error) {
      breaker.failed();
      if (isPratiqueError(error)) contact.failed('vet', error);
      throw error;
    }
    // The proxy is there, whatever becomes of its answer here.
    breaker.succeeded();
    unread.add(answer.unread);
    try {
      this.#keep(address, pointer, answer, askedAt);
    } catch (error) {
      if (isPratiqueError(error)) contact.failed('vet', error);
      throw error;
    }
    contact.believed('vet');
    return answer;
  }

  #keep(
    address: RepositoryAddress,
    pointer: string,
    { image, verdicts, failure }: VetAnswer,
    askedAt: number,
  ): void {
    const { store, knowledge } = this.#parts;
    const isTag = !pointer.includes(':');
    if (image === null) {
      if (isTag && failure?.code === 'manifest-unknown') store.dropTag(address, pointer);
      return;
    }
    store.putVetted(image, verdicts, isTag ? { tag: pointer, heardAt: askedAt } : null);
    for (const verdict of verdicts) knowledge.heardOf(verdict, askedAt);
  }
}

function rejected(why: string): Promise<never> {
  return Promise.reject(new PratiqueError('proxy-unreachable', why));
}
