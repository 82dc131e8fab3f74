import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../integration/client.ts';
import { basicOf } from '../../support/users.ts';
import { check, Difference, noteAsked, noteDigest, type Seen } from './check.ts';
import type { Journal } from './journal.ts';
import { pathOf, type Question, questionText } from './question.ts';
import type { Proxied, World } from './world.ts';

/** Milliseconds for which work goes on at most after whoever asked for it has left. */
const afterLeaving = 3000;

/** Asks, and holds every answer against the model. */
export class Puller {
  /** By path: since when requests for it are under way. */
  readonly #underWay = new Map<string, Set<number>>();
  readonly #world: World;
  readonly #journal: Journal;
  readonly #registry: () => string;

  constructor(world: World, journal: Journal, registry: () => string) {
    this.#world = world;
    this.#journal = journal;
    this.#registry = registry;
  }

  /** @throws Difference */
  async ask(actor: string, question: Question): Promise<Seen> {
    const world = this.#world;
    const key = `${question.repository.kind} ${question.repository.path} ${question.reference}`;
    const from = performance.now();
    const others = this.#underWay.get(key) ?? new Set();
    this.#underWay.set(key, others);
    const since = Math.min(from, ...others);
    others.add(from);
    noteAsked(world, question, from);
    const { repository } = question;
    const heldBefore = new Set(repository.kind === 'proxied' ? repository.held : []);
    const answer = await this.#send(question);
    const to = performance.now();
    // Nobody's leaving ends what he asked for.
    if (answer === null) await sleep(100);
    if (answer === null) setTimeout(() => others.delete(from), afterLeaving).unref();
    else others.delete(from);
    noteAsked(world, question, from);
    const told =
      answer === null
        ? 'broken'
        : `${answer.status} ${answer.headers['docker-content-digest'] ?? answer.message.slice(0, 90)}`;
    this.#journal.add(
      actor,
      `${question.method} ${question.repository.kind} ${question.what}`,
      `${questionText(question)} -> ${told}`,
      from,
    );
    return check(world, { question, since, from, to, heldBefore, answer });
  }

  /** The tag of an upstream leads elsewhere now: who asks for it at this moment may be given that. */
  moved(repository: Proxied, tag: string, digest: string): void {
    const under = this.#underWay.get(`proxied ${repository.path} ${tag}`);
    if (under !== undefined && under.size > 0) noteDigest(this.#world, repository, digest, performance.now());
  }

  async #send(question: Question) {
    const { method, range, asPusher } = question;
    const headers = {
      ...(range === null ? {} : { Range: `bytes=${range.join('-')}` }),
      ...(asPusher ? { Authorization: basicOf('ci') } : {}),
    };
    try {
      return await ask(this.#registry(), pathOf(question), { method, headers });
    } catch (error) {
      if (error instanceof Difference) throw error;
      return null;
    }
  }
}
