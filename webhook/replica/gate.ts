import { setTimeout as sleep } from 'node:timers/promises';
import type { AskContext } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import {
  errorText,
  fromPlainError,
  isPratiqueError,
  type PlainError,
  PratiqueError,
} from '../../core/errors.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { HeldImage, ReplicaStore } from '../../core/ports/replica.ts';
import type { VetAnswer } from '../../core/replica.ts';
import {
  canonicalName,
  formatPointer,
  type ManifestPointer,
  type RepositoryAddress,
} from '../../core/repository.ts';
import { within } from '../../core/within.ts';
import { Ruler, rulerFor } from '../../policy/clearance/ruler.ts';
import type { FoundImage, ImageGate, KnownImage } from '../image-gate.ts';
import type { Asking } from './asking.ts';
import { type Assessment, assess } from './assess.ts';
import type { Contact } from './contact.ts';
import type { Ground } from './ground.ts';
import { clockTolerance, type Knowledge } from './knowledge.ts';

/** Of the time that a review has, what is left for its answer when nothing comes of waiting, milliseconds. */
const margin = 300;
/** How long the proxy is waited for, where what was heard of a tag stands in for its answer, milliseconds. */
const tagPatience = 2_000;

/** Until the proxy is asked again where its answer has not told enough, milliseconds; doubled each time. */
const firstPause = 100;

const late = Symbol('late');
const noFailures: ReadonlyMap<Digest, PlainError> = new Map();

export interface ReplicaGateParts {
  readonly store: Pick<ReplicaStore, 'image' | 'tag'>;
  readonly knowledge: Knowledge;
  readonly asking: Asking;
  readonly contact: Contact;
  /** What is in force; null: nothing has come yet. */
  readonly ground: () => Ground | null;
  /** For how long what was heard of a tag is not asked again, milliseconds. */
  readonly tagsFor: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Judges images by a replica; the proxy is asked for what is not known in it. */
export class ReplicaGate implements ImageGate {
  readonly #parts: ReplicaGateParts;

  constructor(parts: ReplicaGateParts) {
    this.#parts = parts;
  }

  known(address: RepositoryAddress, pointer: ManifestPointer, asker: AskContext): KnownImage | null {
    if (this.#parts.ground() === null) return null;
    const digest = pointer.kind === 'digest' ? pointer.digest : this.#freshTag(address, pointer.tag);
    if (digest === null) return null;
    const ruler = this.#rulerOf(address, digest, asker);
    if (!(ruler instanceof Ruler)) return { digest, clearance: ruler };
    const { clearance, isComplete } = this.#assess(address, digest, ruler, asker, noFailures, null);
    return isComplete ? { digest, clearance } : null;
  }

  /** @throws PratiqueError `proxy-…`, what the proxy says of the reference */
  async find(
    address: RepositoryAddress,
    pointer: ManifestPointer,
    milliseconds: number,
    asker: Pick<AskContext, 'namespace'>,
  ): Promise<FoundImage> {
    this.#inForce();
    const digest =
      pointer.kind === 'digest' ? pointer.digest : await this.#tag(address, pointer, milliseconds, asker);
    return {
      digest,
      settled: (settler, left) => this.#settled(address, digest, settler, left),
    };
  }

  /** What a tag means, where it was heard lately. */
  #freshTag(address: RepositoryAddress, tag: string): Digest | null {
    const { store, now, tagsFor } = this.#parts;
    const held = store.tag(address, tag);
    if (held === null || held.heardAt === null) return null;
    const age = now() - held.heardAt;
    return age >= -clockTolerance && age < tagsFor ? held.digest : null;
  }

  /** What a tag means: as it was heard lately, else as the proxy says now, else as it was heard last. */
  async #tag(
    address: RepositoryAddress,
    pointer: Extract<ManifestPointer, { kind: 'tag' }>,
    milliseconds: number,
    { namespace }: Pick<AskContext, 'namespace'>,
  ): Promise<Digest> {
    const { store, asking, contact } = this.#parts;
    const { tag } = pointer;
    const fresh = this.#freshTag(address, tag);
    if (fresh !== null) return fresh;
    const held = store.tag(address, tag);
    const patience = Math.max(0, milliseconds - margin);
    // What is heard of it stands in for an answer that does not come: then nobody waits for its image to be inspected too.
    const wait = held === null ? patience : Math.min(patience, tagPatience);
    const vetting = held === null ? milliseconds : Math.min(milliseconds, tagPatience - margin);
    let answer: VetAnswer | typeof late;
    try {
      answer = await within(asking.ask(address, tag, vetting, namespace), wait, () => late);
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      // It has answered, and perhaps that what was heard is refused by now: that is not passed over.
      if (held !== null && error.code !== 'storage-full') return held.digest;
      throw unheard(address, pointer, contact.problem() ?? errorText(error));
    }
    if (answer !== late && answer.failure !== null) throw fromPlainError(answer.failure);
    if (answer !== late && answer.image !== null) return answer.image.digest;
    if (held !== null) return held.digest;
    throw unheard(address, pointer, 'the proxy was asked, and has not found it yet');
  }

  async #settled(
    address: RepositoryAddress,
    digest: Digest,
    asker: AskContext,
    milliseconds: number,
  ): Promise<Clearance> {
    const end = performance.now() + milliseconds - margin;
    let failures = noFailures;
    let why: string | null = null;
    for (let pause = 0; ; pause = pause === 0 ? firstPause : pause * 2) {
      const ruler = this.#rulerOf(address, digest, asker);
      if (!(ruler instanceof Ruler)) return ruler;
      const { clearance, isComplete } = this.#assess(address, digest, ruler, asker, failures, why);
      const left = end - performance.now();
      if (isComplete || failures.size > 0 || why !== null || left <= 0) return clearance;
      // Such as verdicts of a policy that is on its way here.
      if (pause > 0) await sleep(Math.min(pause, left));
      const answer = await this.#asked(address, digest, Math.max(0, end - performance.now()), asker);
      if (answer === late) continue;
      if (typeof answer === 'string') why = answer;
      else if (answer.failure !== null) return ruler.failed(digest, null, answer.failure);
      else failures = new Map(answer.failures.map((one) => [one.digest, one.failure]));
    }
  }

  /** A sentence where nothing comes of it. */
  async #asked(
    address: RepositoryAddress,
    digest: Digest,
    milliseconds: number,
    { namespace }: AskContext,
  ): Promise<VetAnswer | typeof late | string> {
    try {
      const asking = this.#parts.asking.ask(address, digest, milliseconds, namespace);
      return await within(asking, milliseconds, () => late);
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      return this.#parts.contact.problem() ?? errorText(error);
    }
  }

  #rulerOf(address: RepositoryAddress, digest: Digest, asker: AskContext): Ruler | Clearance {
    const image = { upstream: address.upstream, repository: canonicalName(address) };
    return rulerFor(this.#inForce().rulebook, asker, image, digest, this.#parts.now());
  }

  /** @param why what has kept the proxy from answering; null: it was not asked yet, or has */
  #assess(
    address: RepositoryAddress,
    digest: Digest,
    ruler: Ruler,
    asker: AskContext,
    failures: ReadonlyMap<Digest, PlainError>,
    why: string | null,
  ): Assessment {
    const { store, knowledge, now } = this.#parts;
    const book = this.#inForce().rulebook;
    const at = now();
    const held: HeldImage | null = store.image(address, digest);
    const pendingText = (unknown: string): string =>
      why === null ? `${unknown}; it is being inspected` : `${unknown}, and ${why}`;
    if (held === null) {
      const clearance = ruler.pending(digest, null, pendingText('nothing is known of it here yet'));
      return { clearance, isComplete: false };
    }
    return assess(held, {
      knowledge,
      rulerOf: (bounds) => new Ruler(book, bounds, asker, at),
      bounds: ruler.bounds,
      failures,
      pendingText,
    });
  }

  #inForce(): Ground {
    const ground = this.#parts.ground();
    if (ground !== null) return ground;
    const problem = this.#parts.contact.problem();
    throw new PratiqueError(
      'proxy-unreachable',
      `nothing has come from the proxy yet, so no image can be judged${problem === null ? '' : `: ${problem}`}`,
    );
  }
}

function unheard(address: RepositoryAddress, pointer: ManifestPointer, why: string): PratiqueError {
  return new PratiqueError(
    'proxy-unreachable',
    `what ${formatPointer(address, pointer)} means is not known here: ${why}`,
  );
}
