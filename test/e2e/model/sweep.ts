import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../integration/client.ts';
import { remembered, type Seen } from './check.ts';
import type { Puller } from './puller.ts';
import type { Question } from './question.ts';
import type { Hosted, Proxied, World } from './world.ts';

/** Milliseconds until everything has to be judged when nothing changes any more. */
const patience = 60_000;
/** Answers that say nothing for ever. */
const passing: readonly Seen[] = ['not yet', 'unavailable', 'broken'];

/**
 * While nothing changes there is one right answer for everything, and it comes in the end: every tag, manifest and blob of
 * every repository is asked for.
 * @throws Difference
 */
export async function sweep(world: World, puller: Puller, registry: string): Promise<number> {
  // What failed while the upstream or the program was away is forgotten by then.
  await sleep(remembered);
  let asked = 0;
  for (const repository of [...world.proxied, ...world.hosted]) {
    const plain = { repository, range: null, asPusher: false, byNamespace: false } as const;
    const questions: Question[] = [];
    for (const reference of [...repository.tags.keys(), ...lately(repository.manifests.keys())]) {
      for (const method of ['GET', 'HEAD'] as const) {
        questions.push({ ...plain, what: 'manifest', reference, method });
      }
    }
    const blobs = new Set(lately(repository.manifests.keys()).flatMap((digest) => world.get(digest).blobs));
    for (const reference of blobs) questions.push({ ...plain, what: 'blob', reference, method: 'GET' });
    for (const question of questions) await untilSaid(puller, question);
    await compareTags(repository, registry);
    asked += questions.length;
  }
  return asked;
}

function lately(digests: Iterable<string>): readonly string[] {
  return [...digests].slice(-40);
}

async function untilSaid(puller: Puller, question: Question): Promise<void> {
  const end = performance.now() + patience;
  for (;;) {
    const seen = await puller.ask('sweep', question);
    if (!passing.includes(seen)) return;
    if (performance.now() > end) throw new Error(`${question.reference} was "${seen}" for ${patience} ms`);
    await sleep(100);
  }
}

async function compareTags(repository: Proxied | Hosted, registry: string): Promise<void> {
  const timelines = [...repository.tags];
  if (timelines.some(([, timeline]) => timeline.now().length > 1)) return;
  const expected = timelines
    .filter(([, timeline]) => timeline.now()[0] !== null)
    .map(([tag]) => tag)
    .sort();
  const at = repository.kind === 'hosted' ? `hosted/${repository.path}` : `corp/${repository.path}`;
  const { status, body } = await ask(registry, `/v2/${at}/tags/list`);
  if (status === 404 && expected.length === 0) return;
  const { tags } = JSON.parse(body.toString()) as { tags: string[] | null };
  if (status !== 200 || (tags ?? []).join() !== expected.join()) {
    throw new Error(`the tags of ${at} were ${status} ${(tags ?? []).join()}, not ${expected.join()}`);
  }
}
