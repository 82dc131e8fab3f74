import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type {
  HeldImage,
  HeldTag,
  HeldVerdict,
  ReplicaPlace,
  ReplicaStore,
  ReplicaStream,
} from '../../core/ports/replica.ts';
import { type ReplicaImage, type ReplicaVerdict, replicaSchemaVersion } from '../../core/replica.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { said, setOfBindings } from '../../policy/bindings/samples.ts';
import type { ProxyAnswer, ProxyClient, ProxyRequest } from './client.ts';
import type { Ground } from './ground.ts';

/** What the tests of a replica are made of: a store in memory, a proxy that says what it is told to. */

export const start = Date.parse('2026-06-01T12:00:00Z');
export const address = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };

export function digestOf(digit: string): Digest {
  const digest = parseDigest(`sha256:${digit.repeat(64)}`);
  if (digest === null) throw new Error(`${digit} makes no digest`);
  return digest;
}

/** Of bindings that hold the baseline. */
export function groundOf(...bindings: readonly string[]): Ground {
  const rulebook = makeRulebook(setOfBindings(...bindings), []);
  const addressing = {
    locate: (registry: string, path: string) => ({ upstream: registry, namespace: registry, path }),
    isOwn: () => false,
  };
  return { revision: 'ground-1', rulebook, addressing, text: '{}' };
}

export function revisionOf(rulebook: Rulebook): string {
  const policy = rulebook.set.policies.get('baseline');
  if (policy === undefined) throw new Error('there is no baseline');
  return policy.revision;
}

/** As it comes over the wire, by the revision that `groundOf` has. */
export function verdictEntry(
  digest: Digest,
  status: 'pass' | 'fail',
  fields: Parameters<typeof said>[1] = {},
): ReplicaVerdict {
  const policyRevision = revisionOf(groundOf('id: a').rulebook);
  return {
    ...{ digest, policy: 'baseline', since: '2026-06-01T11:00:00.000Z', images: ['registry.corp/team/app'] },
    verdict: said(status, { policyRevision, ...fields }),
  };
}

export function imageEntry(digest: Digest, ...tags: string[]): ReplicaImage {
  return { repository: address, digest, platforms: [{ platform: null, digest }], unfit: [], tags };
}

export function page(verdicts: readonly unknown[], cursor: number, last = cursor): Record<string, unknown> {
  const head = { schemaVersion: replicaSchemaVersion, records: 'one', ground: 'ground-1', forgotten: [] };
  return { ...head, verdicts, cursor, last };
}

export function imagePage(
  images: readonly unknown[],
  cursor: number,
  last = cursor,
): Record<string, unknown> {
  return { schemaVersion: replicaSchemaVersion, records: 'one', images, gone: [], cursor, last };
}

const begun: ReplicaPlace = { records: null, cursor: 0, complete: false };

/** Holds what a replica's file would; what goes when all is read again is not its matter. */
export class MemoryStore implements ReplicaStore {
  readonly verdicts = new Map<string, HeldVerdict>();
  readonly images = new Map<string, HeldImage>();
  readonly tags = new Map<string, HeldTag>();
  readonly places = new Map<ReplicaStream, ReplicaPlace>();
  readonly begunAnew: ReplicaStream[] = [];
  /** Thrown by the next `putChanges`. */
  failure: Error | null = null;
  #ground: string | null = null;
  #heardAt: number | null = null;

  ground = (): string | null => this.#ground;
  putGround = (text: string): void => {
    this.#ground = text;
  };
  place = (stream: ReplicaStream): ReplicaPlace => this.places.get(stream) ?? begun;
  beginAnew = (stream: ReplicaStream): void => {
    this.begunAnew.push(stream);
    this.places.set(stream, { records: null, cursor: 0, complete: this.place(stream).complete });
  };
  heardAt = (): number | null => this.#heardAt;
  putHeardAt = (at: number): void => {
    this.#heardAt = at;
  };
  verdict = (digest: Digest, policy: string): HeldVerdict | null =>
    this.verdicts.get(`${digest} ${policy}`) ?? null;
  image: ReplicaStore['image'] = ({ path }, digest) => this.images.get(`${path} ${digest}`) ?? null;
  tag: ReplicaStore['tag'] = ({ path }, tag) => this.tags.get(`${path} ${tag}`) ?? null;
  putChanges: ReplicaStore['putChanges'] = (verdicts, _forgotten, read) => {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
    for (const entry of verdicts) this.#putVerdict(entry);
    this.#move('changes', read);
  };
  putImages: ReplicaStore['putImages'] = (images, _gone, read) => {
    for (const image of images) this.#putImage(image);
    this.#move('images', read);
  };
  putVetted: ReplicaStore['putVetted'] = (image, verdicts, tag) => {
    this.#putImage(image);
    for (const entry of verdicts) this.#putVerdict(entry);
    if (tag === null) return;
    const held = { digest: image.digest, heardAt: tag.heardAt };
    this.tags.set(`${image.repository.path} ${tag.tag}`, held);
  };
  dropTag: ReplicaStore['dropTag'] = ({ path }, tag) => {
    this.tags.delete(`${path} ${tag}`);
  };
  counts: ReplicaStore['counts'] = () => ({
    ...{ verdicts: this.verdicts.size, images: this.images.size, tags: this.tags.size },
    ...{ unread: 0, leftOut: 0, bytes: 0 },
  });
  damage = (): string | null => null;
  close = (): void => undefined;

  #putVerdict({ digest, policy, verdict, since, images }: ReplicaVerdict): void {
    this.verdicts.set(`${digest} ${policy}`, { verdict, since, images });
  }

  #putImage({ repository, digest, platforms, unfit, tags }: ReplicaImage): void {
    this.images.set(`${repository.path} ${digest}`, { digest, platforms, unfit });
    for (const tag of tags) this.tags.set(`${repository.path} ${tag}`, { digest, heardAt: null });
  }

  #move(
    stream: ReplicaStream,
    read: { readonly records: string; readonly cursor: number; readonly isLast: boolean },
  ): void {
    const { records, cursor, isLast } = read;
    this.places.set(stream, { records, cursor, complete: this.place(stream).complete || isLast });
  }
}

/** Answers in turn by what stands for a path; the last one again and again. */
export class SaidProxy implements ProxyClient {
  readonly asked: ProxyRequest[] = [];
  readonly #answers: Map<string, (() => ProxyAnswer | Promise<ProxyAnswer>)[]>;

  constructor(answers: Readonly<Record<string, (() => ProxyAnswer | Promise<ProxyAnswer>)[]>>) {
    this.#answers = new Map(Object.entries(answers));
  }

  ask = (request: ProxyRequest): Promise<ProxyAnswer> => {
    this.asked.push(request);
    const waiting = this.#answers.get(request.path.split('?')[0] ?? '') ?? [];
    const next = waiting.length > 1 ? waiting.shift() : waiting[0];
    const { signal } = request;
    return new Promise((resolve, reject) => {
      // As the real one does: nobody waits for an answer any more.
      signal?.addEventListener('abort', () => reject(new PratiqueError('proxy-unreachable', 'closed')));
      if (next !== undefined) Promise.resolve().then(next).then(resolve, reject);
    });
  };

  close = (): void => undefined;
}
