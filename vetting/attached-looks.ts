import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import { Flights } from '../core/flights.ts';
import type { AttachedVexStore } from '../core/ports/attached-vex.ts';
import type { Logger } from '../core/ports/logger.ts';
import { canonicalName, type RepositoryAddress } from '../core/repository.ts';
import type { AttachedDocument, AttachedVex } from '../core/vex.ts';
import type { Policy } from '../policy/policy.ts';
import { wantsAttached } from '../policy/vex/policy-vex.ts';
import { attachedLimits, type Lookup, lookUpAttached } from './attached-lookup.ts';
import type { AttachmentSource } from './attached-source.ts';
import { createSemaphore } from './semaphore.ts';

/** Milliseconds for which a look holds, and one that went wrong. */
const holdsFor = 3_600_000;
const wrongHoldsFor = 60_000;
/** Looks at once, and waiting; one more is left to the next who asks. */
const looks = { width: 4, depth: 200 };
const remembered = 20_000;

export interface AttachedLooksOptions {
  readonly records: AttachedVexStore;
  readonly source: (address: RepositoryAddress) => AttachmentSource;
  /** Those in force that any binding names. */
  readonly policies: () => readonly Policy[];
  /** Something else is attached than before, and that is on disk: what is said of the image may depend on it. */
  readonly onChange: (digest: Digest) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Looks for what is attached to images, where a policy wants to know: before an image is judged, and when it is asked for
 * an hour after the last look, behind the answer. A look that goes wrong silences nothing new and takes nothing back: what
 * was found before is signed and names the digest.
 */
export class AttachedLooks {
  readonly #options: AttachedLooksOptions;
  /** When the next look is due, milliseconds since 1970. */
  readonly #due = new LRUCache<string, number>({ max: remembered });
  readonly #flights = new Flights<boolean>();
  readonly #enter = createSemaphore(looks.width, looks.depth);
  #asked: { readonly policies: readonly Policy[]; readonly wants: boolean } = { policies: [], wants: false };

  constructor(options: AttachedLooksOptions) {
    this.#options = options;
  }

  /**
   * Resolves when as much is on disk as can be had, where nobody has looked before; a look anew goes on behind, so that an
   * upstream that is away holds up nobody twice. Never rejects. @param source that of whoever has rights of his own
   */
  async before(address: RepositoryAddress, digest: Digest, source?: AttachmentSource): Promise<void> {
    if (!this.#isDue(address, digest)) return;
    if (await this.#isKnown(address, digest)) this.#behind(address, digest, { source });
    else await this.#look(address, digest, source, false);
  }

  /** An image was asked for. Costs nothing where no look is due. */
  noticed(address: RepositoryAddress, digest: Digest): void {
    if (this.#isDue(address, digest)) this.#behind(address, digest);
  }

  /** Something was attached to it here, just now. */
  attached(address: RepositoryAddress, digest: Digest): void {
    if (!this.#wants()) return;
    this.#due.delete(keyOf(address, digest));
    this.#behind(address, digest, { anyway: true });
  }

  async #isKnown(address: RepositoryAddress, digest: Digest): Promise<boolean> {
    const { records, logger } = this.#options;
    try {
      const known = await records.attachedVex(digest);
      return known.some(({ repository }) => repository === canonicalName(address));
    } catch (error) {
      logger.warn({ digest, err: error }, 'what VEX was found attached to an image could not be read');
      return false;
    }
  }

  #behind(
    address: RepositoryAddress,
    digest: Digest,
    {
      source,
      anyway = false,
    }: { readonly source?: AttachmentSource | undefined; readonly anyway?: boolean } = {},
  ): void {
    const isUnderWay = this.#flights.has(keyOf(address, digest));
    if (isUnderWay && !anyway) return;
    const look = () => this.#look(address, digest, source, anyway);
    // One that has begun before something was attached may have passed it by: it is waited for, and then looked again.
    const looked = isUnderWay ? look().then(look) : look();
    looked
      .then((isChanged) => {
        if (isChanged) this.#options.onChange(digest);
      })
      .catch((error: unknown) =>
        this.#options.logger.error({ digest, err: error }, 'what VEX says could not be told on'),
      );
  }

  #wants(): boolean {
    const policies = this.#options.policies();
    if (this.#asked.policies !== policies) this.#asked = { policies, wants: policies.some(wantsAttached) };
    return this.#asked.wants;
  }

  #isDue(address: RepositoryAddress, digest: Digest): boolean {
    if (!this.#wants()) return false;
    const due = this.#due.get(keyOf(address, digest));
    const now = this.#options.now();
    // A clock that was set back must not end the looks.
    return due === undefined || now >= due || now < due - holdsFor;
  }

  /** Whether something else is attached than before. @param anyway though a look before a restart would still hold */
  #look(
    address: RepositoryAddress,
    digest: Digest,
    source: AttachmentSource | undefined,
    anyway: boolean,
  ): Promise<boolean> {
    const { logger, now } = this.#options;
    return this.#flights.run(keyOf(address, digest), async () => {
      try {
        return await this.#enter(() => this.#lookNow(address, digest, source, anyway));
      } catch (error) {
        this.#due.set(keyOf(address, digest), now() + wrongHoldsFor);
        logger.warn(
          { image: canonicalName(address), digest, err: error },
          'what VEX is attached to an image could not be found out: none of it is new',
        );
        return false;
      }
    });
  }

  async #lookNow(
    address: RepositoryAddress,
    digest: Digest,
    source: AttachmentSource | undefined,
    anyway: boolean,
  ): Promise<boolean> {
    const { records, now, logger } = this.#options;
    const repository = canonicalName(address);
    const before = (await records.attachedVex(digest)).find((one) => one.repository === repository);
    const held = before === undefined ? 0 : dueAfter(before);
    if (!anyway && now() < held && now() >= held - holdsFor) {
      this.#due.set(keyOf(address, digest), held);
      return false;
    }
    const found = await lookUpAttached(source ?? this.#options.source(address), digest);
    const after = merged(repository, new Date(now()).toISOString(), found, before);
    await records.putAttachedVex(digest, after);
    this.#due.set(keyOf(address, digest), dueAfter(after));
    const isChanged = JSON.stringify(before?.documents ?? []) !== JSON.stringify(after.documents);
    const fields = { image: repository, digest, documents: after.documents.length, changed: isChanged };
    if (found.problem === null) logger.info(fields, 'what VEX is attached to an image was looked for');
    else {
      logger.warn(
        { ...fields, problem: found.problem },
        'not all VEX that is attached to an image could be had: what was not had silences nothing',
      );
    }
    return isChanged || (before?.problem ?? null) !== after.problem;
  }
}

function merged(
  repository: string,
  lookedAt: string,
  found: Lookup,
  before: AttachedVex | undefined,
): AttachedVex {
  const { documents, problem } = found;
  if (problem === null || before === undefined || found.isCrowded)
    return { repository, lookedAt, problem, documents };
  const all = new Map<string, AttachedDocument>();
  let bytes = 0;
  for (const document of [...documents, ...before.documents]) {
    bytes += document.envelope?.length ?? 0;
    if (bytes > attachedLimits.allBytes || all.size >= 2 * attachedLimits.manifests) break;
    all.set(JSON.stringify(document), document);
  }
  return { repository, lookedAt, problem, documents: [...all.values()] };
}

function dueAfter({ lookedAt, problem }: AttachedVex): number {
  return Date.parse(lookedAt) + (problem === null ? holdsFor : wrongHoldsFor);
}

function keyOf(address: RepositoryAddress, digest: Digest): string {
  return `${canonicalName(address)}@${digest}`;
}
