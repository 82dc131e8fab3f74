import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Asking, ask } from '../../integration/client.ts';
import { type BuiltManifest, manifestsOf, sha256 } from '../../support/images.ts';
import type { Random } from '../../support/random.ts';
import { basicOf } from '../../support/users.ts';
import type { Images } from './images.ts';
import type { Journal } from './journal.ts';
import { recent } from './pull-actor.ts';
import { Timeline } from './timeline.ts';
import { type Hosted, timelineIn, type World } from './world.ts';

export const hostedTags = ['1', '2', 'latest', 'nightly'];
/** How often something is tried again that a restart has interrupted; mostly it is. */
const tries = 40;

/** Somebody who pushes to hosted repositories and deletes from them; a repository is changed by one at a time. */
export class PushActor {
  readonly #world: World;
  readonly #images: Images;
  readonly #journal: Journal;
  readonly #registry: () => string;
  readonly #random: Random;

  constructor(world: World, images: Images, journal: Journal, registry: () => string, random: Random) {
    this.#world = world;
    this.#images = images;
    this.#journal = journal;
    this.#registry = registry;
    this.#random = random;
  }

  async change(): Promise<void> {
    const free = this.#world.hosted.filter(({ busy }) => !busy);
    if (free.length === 0) return;
    const repository = this.#random.pick(free);
    repository.busy = true;
    try {
      await this.#change(repository);
    } finally {
      repository.busy = false;
    }
  }

  async #change(repository: Hosted): Promise<void> {
    const random = this.#random;
    switch (random.weighted({ push: 6, without: 1, lie: 1, untag: 1, remove: 1 })) {
      case 'push':
        return this.push(repository, random.pick(hostedTags));
      case 'without':
        return this.#pushWithout(repository);
      case 'lie':
        return this.#pushLie(repository);
      case 'untag':
        return this.#untag(repository, random.pick(hostedTags));
      case 'remove':
        return this.#remove(repository);
    }
  }

  /** Pushes a new image, or one that is known from elsewhere. */
  async push(repository: Hosted, tag: string): Promise<void> {
    const random = this.#random;
    const known = random.chance(0.3) ? recent(this.#world.builtOf.keys(), random) : null;
    const made = (known === null ? undefined : this.#world.builtOf.get(known)) ?? this.#images.make();
    this.#world.learn(made);
    const { built } = made;
    for (const [digest, bytes] of built.blobs) {
      if (!(await this.#blob(repository, digest, bytes))) return;
    }
    for (const manifest of manifestsOf(built).slice(1)) {
      if (!(await this.#manifest(repository, manifest.digest, manifest))) return;
    }
    await this.#manifest(repository, tag, built.manifest);
  }

  /** In one piece, in chunks, or taken over from where it is already. */
  async #blob(repository: Hosted, digest: string, bytes: Buffer): Promise<boolean> {
    const blob = blobIn(repository, digest);
    blob.there.begin(true);
    const way = this.#random.weighted({ whole: 2, chunks: 1, mount: 1 });
    const base = `/v2/hosted/${repository.path}/blobs/uploads/`;
    if (way === 'mount') {
      const from = this.#random.pick([...this.#world.hosted, ...this.#world.proxied]);
      const source = from.kind === 'hosted' ? `hosted/${from.path}` : `corp/${from.path}`;
      // Where he has pushed it himself it is his here too.
      blob.pushed.begin(true);
      const answer = await this.#send('mount', `${base}?mount=${digest}&from=${source}`, { method: 'POST' });
      if (answer?.status === 201) {
        blob.there.settle([true]);
        return true;
      }
      if (answer !== null && answer.status !== 202) throw unexpected('a mount', answer);
    }
    blob.pushed.begin(true);
    for (let left = tries; left > 0; left -= 1) {
      const answer =
        way === 'chunks' ? await this.#inChunks(base, digest, bytes) : await this.#whole(base, digest, bytes);
      if (answer?.status === 201) {
        blob.there.settle([true]);
        blob.pushed.settle([true]);
        return true;
      }
      if (answer !== null) throw unexpected(`a blob of ${bytes.length} bytes`, answer);
      if (this.#random.chance(0.05)) return false;
      await sleep(100);
    }
    return false;
  }

  #whole(base: string, digest: string, bytes: Buffer): Promise<Answer | null> {
    return this.#send('push whole blob', `${base}?digest=${digest}`, { method: 'POST', body: bytes });
  }

  async #inChunks(base: string, digest: string, bytes: Buffer): Promise<Answer | null> {
    const begun = await this.#send('begin upload', base, { method: 'POST' });
    if (begun === null) return null;
    if (begun.status !== 202) throw unexpected('the begin of an upload', begun);
    const location = begun.headers.location ?? '';
    const step = Math.max(1, Math.ceil(bytes.length / (1 + this.#random.below(4))));
    for (let at = 0; at < bytes.length; ) {
      const body = bytes.subarray(at, at + step);
      const headers = { 'Content-Range': `${at}-${at + body.length - 1}` };
      const answer = await this.#send('push chunk', location, { method: 'PATCH', body, headers });
      if (answer === null) {
        // It goes on where it was, after a restart too.
        const so = await this.#again('how far', location, { method: 'GET' });
        if (so === null) return null;
        if (so.status !== 204) throw unexpected('an upload after an interruption', so);
        at = so.headers.range === undefined ? 0 : Number(so.headers.range.split('-')[1]) + 1;
        if (so.headers.range === '0-0') at = 0;
        if (at === 0) return null;
        continue;
      }
      if (answer.status !== 202) throw unexpected('a chunk', answer);
      at += body.length;
    }
    return this.#send('end upload', `${location}?digest=${digest}`, { method: 'PUT' });
  }

  async #manifest(repository: Hosted, reference: string, manifest: BuiltManifest): Promise<boolean> {
    const tag = reference.includes(':') ? null : timelineIn(repository.tags, reference, null);
    const there = timelineIn(repository.manifests, manifest.digest, false);
    there.begin(true);
    tag?.begin(manifest.digest);
    const answer = await this.#again('push manifest', pathIn(repository, reference), {
      method: 'PUT',
      body: manifest.bytes,
      headers: { 'Content-Type': manifest.mediaType },
    });
    if (answer === null) return false;
    if (answer.status !== 201) throw unexpected(`a manifest ${reference}`, answer);
    there.settle([true]);
    tag?.settle([manifest.digest]);
    return true;
  }

  /** A manifest whose blobs were never pushed here. */
  async #pushWithout(repository: Hosted): Promise<void> {
    const digest = recent(this.#world.known.keys(), this.#random);
    if (digest === null) return;
    const { manifest, blobs } = this.#world.get(digest);
    const isLacking = blobs.some(
      (blob) => !(repository.blobs.get(blob)?.there.now().includes(true) ?? false),
    );
    if (!isLacking) return;
    const answer = await this.#send('push without blobs', pathIn(repository, 'lacking'), {
      method: 'PUT',
      body: manifest.bytes,
      headers: { 'Content-Type': manifest.mediaType },
    });
    if (answer !== null && answer.code !== 'MANIFEST_BLOB_UNKNOWN')
      throw unexpected('what lacks blobs', answer);
  }

  /** Bytes under the digest of others. */
  async #pushLie(repository: Hosted): Promise<void> {
    const bytes = Buffer.from(`a lie ${this.#random.next()}`);
    const digest = this.#random.chance(0.5)
      ? sha256(`not ${bytes.toString()}`)
      : recent(this.#world.blobs.keys(), this.#random);
    if (digest === null) return;
    const answer = await this.#whole(`/v2/hosted/${repository.path}/blobs/uploads/`, digest, bytes);
    if (answer !== null && answer.code !== 'DIGEST_INVALID') throw unexpected('a lie', answer);
  }

  async #untag(repository: Hosted, tag: string): Promise<void> {
    const timeline = timelineIn(repository.tags, tag, null);
    const before = timeline.now();
    timeline.begin(null);
    const answer = await this.#send('delete tag', pathIn(repository, tag), { method: 'DELETE' });
    if (answer === null) return;
    const expected: number[] = before.map((digest) => (digest === null ? 404 : 202));
    if (!expected.includes(answer.status))
      throw unexpected(`the tag ${tag}, which is ${before.join(' or ')}`, answer);
    timeline.settle([null]);
  }

  async #remove(repository: Hosted): Promise<void> {
    const tops = [...repository.manifests.keys()].filter((each) => this.#world.builtOf.has(each));
    const digest = recent(tops, this.#random);
    if (digest === null) return;
    const there = timelineIn(repository.manifests, digest, false);
    const before = there.now();
    const tags = [...repository.tags.values()].filter((tag) => tag.now().includes(digest));
    there.begin(false);
    for (const tag of tags) tag.begin(null);
    const answer = await this.#send('delete manifest', pathIn(repository, digest), { method: 'DELETE' });
    if (answer === null) return;
    const expected: number[] = before.map((is) => (is ? 202 : 404));
    if (!expected.includes(answer.status)) throw unexpected(`the manifest ${digest}`, answer);
    there.settle([false]);
    for (const tag of tags) tag.settle(tag.now().filter((held) => held !== digest));
  }

  /** Until there is an answer, over restarts; sometimes not. */
  async #again(what: string, path: string, asking: Asking): Promise<Answer | null> {
    for (let left = tries; left > 0; left -= 1) {
      const answer = await this.#send(what, path, asking);
      if (answer !== null || this.#random.chance(0.05)) return answer;
      await sleep(100);
    }
    return null;
  }

  /** null: the connection broke, as it may while the program stops. */
  async #send(what: string, path: string, asking: Asking): Promise<Answer | null> {
    const from = performance.now();
    const length = asking.body === undefined ? {} : { 'Content-Length': String(asking.body.length) };
    const headers = { Authorization: basicOf('ci'), ...length, ...asking.headers };
    let answer: Answer | null = null;
    let told = 'broken';
    try {
      answer = await ask(this.#registry(), path, { ...asking, headers });
      told = `${answer.status} ${answer.message}`;
    } catch (error) {
      if (!this.#world.up.during(from, performance.now()).includes(false)) throw error;
    }
    this.#journal.add('pusher', what, `${asking.method ?? 'GET'} ${path} -> ${told}`, from);
    return answer;
  }
}

function blobIn(repository: Hosted, digest: string) {
  const found = repository.blobs.get(digest) ?? { there: new Timeline(false), pushed: new Timeline(false) };
  repository.blobs.set(digest, found);
  return found;
}

function pathIn(repository: Hosted, reference: string): string {
  return `/v2/hosted/${repository.path}/manifests/${reference}`;
}

function unexpected(what: string, { status, code, message }: Answer): Error {
  return new Error(`${what} was answered with ${status} ${code} ${message}`);
}
