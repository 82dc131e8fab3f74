import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ask } from '../integration/client.ts';
import { openStage, type Stage } from '../integration/stage.ts';
import { Random } from '../support/random.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { Difference } from './model/check.ts';
import { advisorySets, type Ground, policyTexts } from './model/ground.ts';
import { GroundActor } from './model/ground-actor.ts';
import { Images } from './model/images.ts';
import { Journal } from './model/journal.ts';
import { pullSomething } from './model/pull-actor.ts';
import { Puller } from './model/puller.ts';
import { hostedTags, PushActor } from './model/push-actor.ts';
import { sweep } from './model/sweep.ts';
import { changeUpstream, pushUpstream, upstreamTags } from './model/upstream-actor.ts';
import { World } from './model/world.ts';

/**
 * Many at once pull, push, delete, move tags, change what verdicts rest on, and stop the program, at random; every answer is
 * held against a model of a few hundred lines (`model/world.ts`, `model/check.ts`). `PRATIQUE_MODEL_SECONDS` says for how
 * long (60), `PRATIQUE_MODEL_SEED` which choices are made; their order in time is the machine's. Where an answer is wrong
 * `PRATIQUE_MODEL_JOURNAL` names a file for all that was done.
 */
const seconds = Number(process.env.PRATIQUE_MODEL_SECONDS ?? 60);
const seed = Number(process.env.PRATIQUE_MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Seconds of change between two times of calm in which everything is compared. */
const stretch = 15;
const pullers = 8;

const first: Ground = { policy: 'critical', advisories: 'first', excepted: false };
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    feeds: advisorySets[first.advisories],
    policy: policyTexts[first.policy],
    config: { auth: { users: writeUsers(temporaryDirectory(), ['ci']) }, gate: { hold: '2s' } },
  });
}, 60_000);
afterAll(() => stage?.close());

it(
  `answers as a simple model does (seed ${seed})`,
  async () => {
    process.stdout.write(`model: seed ${seed}, ${seconds} s\n`);
    const journal = new Journal();
    const world = new World(first);
    const registry = (): string => stage.pratique.registry;
    const puller = new Puller(world, journal, registry);
    const images = new Images(new Random(seed));
    const parts = { world, upstream: stage.upstream, puller, images, journal };
    const ground = new GroundActor(world, stage, journal, first);
    for (const repository of world.proxied) {
      for (const tag of upstreamTags.slice(0, 3)) pushUpstream(parts, repository, tag);
    }
    const pushers = [1, 2].map(
      (nth) => new PushActor(world, images, journal, registry, new Random(seed + 1000 + nth)),
    );
    const randoms = Array.from({ length: pullers }, (_, nth) => new Random(seed + nth + 1));
    const atUpstream = new Random(seed + 2000);
    const onGround = new Random(seed + 3000);
    let compared = 0;
    try {
      for (const repository of world.hosted) {
        for (const tag of hostedTags.slice(0, 2)) await pushers[0]?.push(repository, tag);
      }
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        const pause = Math.min(end, performance.now() + stretch * 1000);
        let failed = false;
        const repeat = async (step: () => Promise<unknown>): Promise<void> => {
          try {
            while (performance.now() < pause && !failed) await step();
          } catch (error) {
            failed = true;
            throw error;
          }
        };
        const ended = await Promise.allSettled([
          ...randoms.map((random, nth) =>
            repeat(() => pullSomething(world, puller, random, `puller ${nth + 1}`)),
          ),
          ...pushers.map((pusher) =>
            repeat(async () => {
              await pusher.change();
              await sleep(20);
            }),
          ),
          repeat(async () => {
            await changeUpstream(parts, atUpstream);
            await sleep(atUpstream.below(150));
          }),
          repeat(async () => {
            await ground.change(onGround);
            if (onGround.chance(0.2)) await ground.restart(onGround);
            await sleep(onGround.below(700));
          }),
        ]);
        for (const one of ended) if (one.status === 'rejected') throw one.reason;
        compared += await sweep(world, puller, registry());
      }
    } catch (error) {
      const file = process.env.PRATIQUE_MODEL_JOURNAL;
      const about = error instanceof Difference ? error.about : [];
      if (file !== undefined) {
        const evidence = await evidenceOf(stage, about);
        writeFileSync(file, `${journal.text}\n${evidence}\n${stage.pratique.log()}`);
      }
      const told = error instanceof Error ? error.message : String(error);
      throw new Error(
        `PRATIQUE_MODEL_SEED=${seed}: ${told}\n${journal.last([...about, ' ground: '])}\nlog:\n${stage.pratique.log().slice(-3000)}`,
      );
    }
    const counts = [...journal.counts].sort().map(([what, count]) => `${count} ${what}`);
    process.stdout.write(`model: ${journal.total} operations (${compared} in calm): ${counts.join(', ')}\n`);
    expect(journal.total).toBeGreaterThan(20 * seconds);
  },
  (seconds * 4 + 300) * 1000,
);

/** What the program itself says of these digests. */
async function evidenceOf({ pratique }: Stage, about: readonly string[]): Promise<string> {
  const digests = about.map((text) => text.replace(/^\//, '')).filter((text) => text.includes(':'));
  const paths = [...digests.map((digest) => `verdicts/${digest}`), 'status', 'exceptions'];
  const said: string[] = [];
  for (const path of paths) {
    const { body } = await ask(pratique.management, `/api/v1/${path}`);
    said.push(`${path}: ${body.toString()}`);
  }
  return said.join('\n');
}
