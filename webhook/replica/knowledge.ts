import { LRUCache } from 'lru-cache';
import type { Digest } from '../../core/digest.ts';
import type { ReplicaStore } from '../../core/ports/replica.ts';
import { type ReplicaVerdict, unreadRevision } from '../../core/replica.ts';
import { allows, type Verdict } from '../../core/verdict.ts';
import type { Bound } from '../../policy/bindings/binding.ts';
import { statusAt } from '../../policy/evaluate.ts';

/**
 * How far the clocks of two machines may differ, milliseconds: a verdict that was made later than that from now says nothing.
 */
export const clockTolerance = 30_000;
/** Images that were asked for lately. */
const mostAsked = 10_000;

/** What one policy says of an image, as far as it counts for a binding now. */
export type Word =
  | {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly images: readonly string[];
      /** Time has overtaken it, and what it said would follow is so: the proxy may say better by now. */
      readonly isOver: boolean;
      /** Why it can let nobody in, a sentence, where it is over; not even with an exception. */
      readonly whyOver: string;
    }
  /** Why there is none that counts, a sentence. */
  | { readonly kind: 'none'; readonly why: string };

type Told = Pick<ReplicaVerdict, 'digest' | 'policy' | 'verdict'>;

/** What is known of images, and whether it still counts. */
export class Knowledge {
  readonly #store: Pick<ReplicaStore, 'verdict' | 'heardAt'>;
  readonly #now: () => number;
  /** When the proxy was last asked about an image by itself, and told what a policy says of it. */
  readonly #askedAt = new LRUCache<string, number>({ max: mostAsked });
  /** Which of all such answers the last one about an image was. */
  readonly #numbers = new LRUCache<string, number>({ max: mostAsked });
  #answers = 0;

  /** @param now milliseconds since 1970 */
  constructor(store: Pick<ReplicaStore, 'verdict' | 'heardAt'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * @param told what the proxy has said of an image by itself: of policies that it has said nothing of, what is held gets no younger
   * @param askedAt when it was asked for that, milliseconds since 1970
   */
  heardOf(told: Pick<Told, 'digest' | 'policy'>, askedAt: number): void {
    const key = keyOf(told);
    this.#askedAt.set(key, askedAt);
    this.#answers += 1;
    this.#numbers.set(key, this.#answers);
  }

  /** Answers about images by themselves, until now. */
  get answers(): number {
    return this.#answers;
  }

  /**
   * Whether what is held of an image was made later than an entry of a page, and was heard while that page was on its way: it
   * may be the stricter one, and the stream tells it again behind that page.
   * @param answers how many there were when the page was asked for
   */
  outweighs({ digest, policy, verdict }: Told, answers: number): boolean {
    if ((this.#numbers.get(keyOf({ digest, policy })) ?? 0) <= answers) return false;
    const held = this.#store.verdict(digest, policy);
    return held !== null && Date.parse(held.verdict.evaluatedAt) > Date.parse(verdict.evaluatedAt);
  }

  /** Milliseconds since the proxy was asked for all that it had to tell, and told it; null: never, or at a time that has not come yet. */
  get age(): number | null {
    return ageOf(this.#store.heardAt(), this.#now());
  }

  /** @param bound with the policy that is in force */
  word(digest: Digest, { binding, policy }: Bound): Word {
    const held = this.#store.verdict(digest, policy.name);
    if (held === null) return none('nothing is known of it here yet');
    const { verdict, images } = held;
    // It may be a refusal, by whatever revision and of whatever time: asking again brings the same.
    if (verdict.policyRevision === unreadRevision)
      return { kind: 'verdict', verdict, images, isOver: false, whyOver: '' };
    if (verdict.policyRevision !== policy.revision)
      return none(`it was judged by another revision of the policy ${policy.name}`);
    const now = this.#now();
    if (Date.parse(verdict.evaluatedAt) > now + clockTolerance) {
      return none(
        `its verdict is of ${verdict.evaluatedAt}, which has not come yet: set the clocks of proxy and webhook right`,
      );
    }
    const status = statusAt(verdict, now);
    const { maxAge } = binding;
    const isOld =
      maxAge !== null && !(this.#freshness({ digest, policy: policy.name }) <= maxAge.milliseconds);
    const isOver = isOld || (verdict.validUntil !== null && now >= Date.parse(verdict.validUntil));
    const whyOver = maxAge !== null && isOld ? this.#tooOld(maxAge.text) : heldUntil(verdict);
    // Past its time it can only refuse: what was refused does not become an image of which nobody knows, which a binding may let in.
    if (status === 'pending' || (isOver && allows(status))) return none(whyOver);
    return { kind: 'verdict', verdict, images, isOver, whyOver };
  }

  /** Milliseconds since what is known of an image was the proxy's word; not a number where nobody can tell. */
  #freshness(of: Pick<Told, 'digest' | 'policy'>): number {
    const ages = [this.age, ageOf(this.#askedAt.get(keyOf(of)) ?? null, this.#now())].filter(
      (age) => age !== null,
    );
    return ages.length === 0 ? Number.NaN : Math.min(...ages);
  }

  #tooOld(allowed: string): string {
    const heardAt = this.#store.heardAt();
    const since = heardAt === null ? 'never' : `last at ${new Date(heardAt).toISOString()}`;
    return `the proxy was heard of ${since}, and what is known is acted on for ${allowed} at most`;
  }
}

function heldUntil({ validUntil, next }: Verdict): string {
  return `its verdict held until ${validUntil ?? next?.at ?? 'now'}`;
}

function keyOf({ digest, policy }: Pick<Told, 'digest' | 'policy'>): string {
  return `${digest} ${policy}`;
}

function ageOf(heardAt: number | null, now: number): number | null {
  if (heardAt === null || heardAt > now + clockTolerance) return null;
  return Math.max(0, now - heardAt);
}

function none(why: string): Word {
  return { kind: 'none', why };
}
