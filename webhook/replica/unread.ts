import type { z } from 'zod';
import type { Logger } from '../../core/ports/logger.ts';
import { type ReplicaImage, type ReplicaVerdict, unreadRevision } from '../../core/replica.ts';
import { misbehaved } from './client.ts';
import { clockTolerance } from './knowledge.ts';
import { imageKeySchema, imageSchema, verdictEntrySchema, verdictKeySchema } from './wire.ts';

/** Of one answer; with more the proxy speaks otherwise than this program, and nothing of it is believed. */
const mostUnread = 100;

/** An entry that does not have the shape. What it is about is known, and is refused until the proxy says something else. */
export interface Unread {
  readonly subject: string;
  readonly why: string;
}

/** Readings of single entries, with those among them that could not be read. */
export interface Entries<Value> {
  readonly values: readonly Value[];
  readonly unread: readonly Unread[];
}

/**
 * What cannot be read may be a refusal, so it is kept as one: an `error`, which no exception lifts and which is no unknown image.
 * Whoever makes the proxy say such a thing of an image has it refused.
 * @param now milliseconds since 1970; an answer on its way that is older does not take its place
 * @throws PratiqueError `proxy-misbehaved` where it cannot be told whose verdict it is
 */
export function readVerdicts(values: readonly unknown[], now: number): Entries<ReplicaVerdict> {
  const at = new Date(now + clockTolerance).toISOString();
  return readEach(values, 'a verdict', verdictEntrySchema, verdictKeySchema, ({ digest, policy }, why) => ({
    subject: `${digest} by the policy ${policy}`,
    value: {
      ...{ digest, policy, since: new Date(now).toISOString(), images: [] },
      verdict: {
        ...({ status: 'error', policy, policyRevision: unreadRevision, advisoriesRevision: '' } as const),
        ...{ scanner: '', rules: [], coverage: [], suppressed: [] },
        reasons: [`what the proxy says of it cannot be read here: ${why}`],
        summary: {
          counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
          ...{ fixable: 0, worst: [] },
        },
        blockers: { complete: false, list: [] },
        ...{ evaluatedAt: at, validUntil: null, next: null },
      },
    },
  }));
}

/**
 * An image that cannot be read is one that is not to be judged.
 * @throws PratiqueError `proxy-misbehaved` where it cannot be told which one it is
 */
export function readImages(values: readonly unknown[]): Entries<ReplicaImage> {
  return readEach(values, 'an image', imageSchema, imageKeySchema, ({ repository, digest }, why) => ({
    subject: `${digest} of ${repository.namespace}/${repository.path}`,
    value: {
      ...{ repository, digest, platforms: [], tags: [] },
      unfit: [`what the proxy says of it cannot be read here: ${why}`],
    },
  }));
}

function readEach<Value, Key>(
  values: readonly unknown[],
  what: string,
  schema: z.ZodType<Value>,
  keySchema: z.ZodType<Key>,
  refused: (key: Key, why: string) => { readonly subject: string; readonly value: Value },
): Entries<Value> {
  const unread: Unread[] = [];
  const read = values.map((value) => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const why = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 500);
    const key = keySchema.safeParse(value);
    if (!key.success) throw misbehaved(`${what} cannot be read: ${why}`);
    if (unread.length >= mostUnread)
      throw misbehaved(`more than ${mostUnread} of its entries cannot be read, such as ${what}: ${why}`);
    const { subject, value: stands } = refused(key.data, why);
    unread.push({ subject, why });
    return stands;
  });
  return { values: read, unread };
}

/** Tells of entries that could not be read. */
export class UnreadTold {
  readonly #logger: Logger;
  #count = 0;
  #last: Unread | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(unread: readonly Unread[]): void {
    for (const one of unread) {
      this.#count += 1;
      this.#last = one;
      this.#logger.error(
        { subject: one.subject, why: one.why },
        'what the proxy says of an image cannot be read: the image is refused until it says something else',
      );
    }
  }

  /** Since the start. */
  get count(): number {
    return this.#count;
  }

  /** A sentence; null: nothing. @param held verdicts that stand so now */
  problem(held: number): string | null {
    if (held === 0 && this.#count === 0) return null;
    const last = this.#last === null ? '' : `, the last ${this.#last.subject}: ${this.#last.why}`;
    return `${held} verdicts that the proxy told cannot be read here, and those images are refused (${this.#count} entries since the start${last})`;
  }
}
