import type { Answer } from '../../integration/client.ts';
import { type Ground, groundText } from './ground.ts';
import { type Asked, type Question, questionText } from './question.ts';
import { type Hosted, type Proxied, timelineIn, type World } from './world.ts';

/**
 * Milliseconds for which failures are remembered (two seconds), and an upstream that has failed is not asked for a tag again
 * (five seconds), with a margin for a busy machine.
 */
export const remembered = 7000;
/** The same for what the upstream does not have (ten seconds). */
const absentFor = 12_000;

/** An answer that the model does not permit. */
export class Difference extends Error {
  readonly about: readonly string[];

  constructor(asked: Asked, why: string, about: readonly string[]) {
    const { answer, from, to } = asked;
    const got =
      answer === null ? 'a broken connection' : `${answer.status} ${answer.phrase} ${answer.message}`;
    super(`${questionText(asked.question)} (${Math.round(to - from)} ms) gave ${got}: ${why}`);
    this.about = about;
  }
}

/** What an answer was, where the model permits it. */
export type Seen = 'served' | 'refused' | 'absent' | 'not yet' | 'unavailable' | 'broken';

/**
 * Holds an answer against everything that was true at some time while it was asked for, and learns from it.
 * @throws Difference
 */
export function check(world: World, asked: Asked): Seen {
  const { question, answer, since, to } = asked;
  const fail = (why: string, about: readonly string[] = []): never => {
    const grounds = world.ground.during(since, to).map(groundText).join(' or ');
    throw new Difference(asked, `${why}; ground: ${grounds}`, [...about, `/${question.reference}`]);
  };
  if (answer === null) {
    if (world.up.during(since, to).includes(false)) return 'broken';
    return fail('nothing was stopped');
  }
  if (answer.status === 429) return 'not yet';
  const expected = question.what === 'manifest' ? manifestAnswers(world, asked) : blobAnswers(world, asked);
  const seen = kindOf(answer);
  if (seen === null) return fail('no such answer is known');
  if (seen === 'served') {
    const fitting = expected.served.filter(({ digest }) => isThis(world, question, answer, digest));
    if (fitting.length === 0) {
      const may = expected.served.map(({ digest }) => `${digest} ${describe(world, digest)}`);
      const what = `${answer.headers['docker-content-digest'] ?? 'something'}`;
      return fail(`${what} was served; permitted: ${may.join(', ') || 'nothing'}`, [what]);
    }
    learnGround(
      world,
      asked,
      fitting.map(({ ground }) => ground),
    );
    learnHeld(asked);
    return seen;
  }
  if (seen === 'refused') {
    if (answer.phrase.startsWith('Blocked') || answer.message.startsWith('Blocked')) {
      if (expected.refused.length > 0) learnGround(world, asked, expected.refused);
      else if (!expected.partlyRefused) return fail(`it is allowed: ${expected.text}`, expected.about);
    } else if (expected.refused.length === 0 && !expected.unavailable) {
      return fail(`it is allowed, and all that is needed was there: ${expected.text}`, expected.about);
    }
    return seen;
  }
  if (seen === 'not yet' && expected.refused.length > 0) return 'refused';
  if (!expected[seen]) return fail(`it is there: ${expected.text}`, expected.about);
  return seen;
}

interface Expected {
  readonly served: readonly { readonly digest: string; readonly ground: Ground }[];
  readonly refused: readonly Ground[];
  readonly absent: boolean;
  readonly unavailable: boolean;
  /** An image of an index is refused, and the others may be out of reach: then nothing of it is cleared. */
  readonly partlyRefused: boolean;
  /** "Log in", "not there", to who might push: what is not cleared at this moment. */
  readonly 'not yet': boolean;
  readonly text: string;
  readonly about: readonly string[];
}

function manifestAnswers(world: World, asked: Asked): Expected {
  const { question, since, to, heldBefore } = asked;
  const { repository, reference } = question;
  const grounds = world.ground.during(since, to);
  const shaky = isShaky(world, asked);
  const tag = reference.includes(':') ? null : timelineIn(repository.tags, reference, null);
  // Where the upstream is away the last answer that it gave may be used; an absence is remembered for a while.
  const always = Number.NEGATIVE_INFINITY;
  const values = tag === null ? [reference] : tag.during(shaky ? always : since, to);
  const digests = values.filter((digest) => digest !== null).filter((digest) => world.known.has(digest));
  const absences = repository.kind === 'proxied' ? since - absentFor : since;
  const isGone = (digest: string): boolean =>
    !heldBefore.has(digest) &&
    timelineIn(repository.manifests, digest, false).during(absences, to).includes(false);
  const isThere = (digest: string): boolean =>
    heldBefore.has(digest) ||
    (repository.kind === 'proxied' && repository.asked.has(digest)) ||
    timelineIn(repository.manifests, digest, false)
      .during(shaky ? always : since, to)
      .includes(true);
  const pairs = digests.filter(isThere).flatMap((digest) => grounds.map((ground) => ({ digest, ground })));
  const served = pairs.filter(({ digest, ground }) => world.allows(digest, ground));
  const refused = pairs.filter((pair) => !served.includes(pair)).map(({ ground }) => ground);
  const nothing =
    values.length > digests.length ||
    (tag?.during(absences, to).includes(null) ?? false) ||
    digests.some(isGone);
  const toPusher = repository.kind === 'hosted' && question.method === 'HEAD';
  return {
    served,
    refused,
    absent: nothing || (toPusher && question.asPusher),
    // An index whose child is gone says so.
    unavailable: shaky,
    partlyRefused: shaky && pairs.some(({ digest, ground }) => world.refusesSome(digest, ground)),
    'not yet': toPusher && !question.asPusher,
    text: digests.map((digest) => `${digest} ${describe(world, digest)}`).join(', '),
    about: digests,
  };
}

function blobAnswers(world: World, asked: Asked): Expected {
  const { question, since, to, heldBefore } = asked;
  const { repository, reference } = question;
  const grounds = world.ground.during(since, to);
  const [possible, sure] =
    repository.kind === 'proxied'
      ? [[...world.holders(repository.asked, reference)], [...world.holders(heldBefore, reference)]]
      : hostedHolders(world, repository, reference, since, to);
  const mine = question.asPusher && repository.kind === 'hosted';
  const pushed =
    repository.kind === 'hosted' ? repository.blobs.get(reference)?.pushed.during(since, to) : [];
  const there =
    repository.kind === 'hosted'
      ? (repository.blobs.get(reference)?.there.during(since, to) ?? [false])
      : [true];
  const mayBeMine = mine && (pushed?.includes(true) ?? false);
  const isSurelyMine = mayBeMine && pushed?.length === 1;
  const served = grounds.filter(
    (ground) =>
      mayBeMine || (there.includes(true) && possible.some((digest) => world.allows(digest, ground))),
  );
  const refused = grounds.filter(
    (ground) => !isSurelyMine && !sure.some((digest) => world.allows(digest, ground)),
  );
  return {
    served: served.map((ground) => ({ digest: reference, ground })),
    refused,
    // Of what is not cleared who may push is told that it is not there.
    absent: there.includes(false) || (mine && !isSurelyMine),
    unavailable: isShaky(world, asked) && !isSurelyMine,
    partlyRefused: false,
    'not yet': repository.kind === 'hosted' && !question.asPusher,
    text: `may be held by ${possible.map((digest) => `${digest} ${describe(world, digest)}`).join(', ')}`,
    about: possible,
  };
}

/** Manifests with this blob that may have been there at some time, and that were all the time. */
function hostedHolders(
  world: World,
  repository: Hosted,
  blob: string,
  from: number,
  to: number,
): readonly [readonly string[], readonly string[]] {
  const holders = [...world.holders(repository.manifests.keys(), blob)];
  const during = (digest: string): readonly boolean[] =>
    timelineIn(repository.manifests, digest, false).during(from, to);
  return [
    holders.filter((digest) => during(digest).includes(true)),
    holders.filter((digest) => !during(digest).includes(false)),
  ];
}

/** Whether the upstream or the program was away just now, so that something may have failed and be remembered. */
function isShaky(world: World, { since, to, question }: Asked): boolean {
  const away = world.up.during(since - remembered, to).includes(false);
  if (question.repository.kind === 'hosted') return away;
  return away || world.upstream.during(since - remembered, to).includes(false);
}

function kindOf({ status }: Answer): Exclude<Seen, 'broken'> | null {
  switch (status) {
    case 200:
    case 206:
      return 'served';
    case 401:
      return 'not yet';
    case 403:
      return 'refused';
    case 404:
      return 'absent';
    default:
      return null;
  }
}

/** Whether this is the whole and right answer with this content. */
function isThis(world: World, question: Question, answer: Answer, digest: string): boolean {
  const { headers, body, status } = answer;
  const all = question.what === 'manifest' ? world.get(digest).manifest.bytes : world.blobs.get(digest);
  if (all === undefined || headers['docker-content-digest'] !== digest) return false;
  const [start, end] = question.range ?? [0, all.length - 1];
  if (status !== (question.range === null ? 200 : 206)) return false;
  const bytes = all.subarray(start, end + 1);
  if (headers['content-length'] !== String(bytes.length)) return false;
  return question.method === 'HEAD' ? body.length === 0 : body.equals(bytes);
}

/** A change takes effect for everybody at once: whoever asks after it was seen must see it too. */
function learnGround(world: World, { to }: Asked, fitting: readonly Ground[]): void {
  const now = world.ground.now();
  const [oldest] = now;
  // While a change is under way the old may be seen again and again; once the new was seen it may not.
  if (now.length < 2 || oldest === undefined || fitting.includes(oldest)) return;
  const left = now.filter((ground) => fitting.includes(ground));
  if (left.length > 0) world.ground.settle(left, to);
}

/** A manifest that was served is held from now on. */
function learnHeld({ question, answer }: Asked): void {
  const { repository, what } = question;
  const digest = answer?.headers['docker-content-digest'];
  if (what !== 'manifest' || typeof digest !== 'string') return;
  if (repository.kind === 'proxied') repository.held.add(digest);
}

/** What the proxy may hold, and the blob gate go by, once this was asked for at some time since `from`. */
export function noteAsked(world: World, { repository, what, reference }: Question, from: number): void {
  if (what !== 'manifest' || repository.kind !== 'proxied') return;
  const always = Number.POSITIVE_INFINITY;
  const digests = reference.includes(':')
    ? [reference]
    : timelineIn(repository.tags, reference, null).during(from, always);
  for (const digest of digests) if (digest !== null) noteDigest(world, repository, digest, from);
}

export function noteDigest(world: World, repository: Proxied, digest: string, from: number): void {
  const known = world.known.get(digest);
  const there = timelineIn(repository.manifests, digest, false).during(from, Number.POSITIVE_INFINITY);
  if (known === undefined || !there.includes(true)) return;
  repository.asked.add(digest);
  for (const child of known.children) repository.asked.add(child.digest);
}

function describe(world: World, digest: string): string {
  return world.known.get(digest)?.text ?? `blob of ${world.blobs.get(digest)?.length ?? 0} bytes`;
}
