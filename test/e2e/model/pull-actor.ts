import type { Random } from '../../support/random.ts';
import type { Puller } from './puller.ts';
import type { Question } from './question.ts';
import type { Hosted, Proxied, World } from './world.ts';

/** Somebody who pulls, guesses, and asks in every way that there is. */
export async function pullSomething(
  world: World,
  puller: Puller,
  random: Random,
  actor: string,
): Promise<void> {
  const repository = random.pick([...world.proxied, ...world.proxied, ...world.hosted]);
  const way = random.weighted({ tag: 5, digest: 4, blob: 5, pull: 2, strange: 1 });
  const asking = (): Omit<Question, 'what' | 'reference' | 'repository'> => ({
    method: random.chance(0.35) ? 'HEAD' : 'GET',
    range: null,
    asPusher: repository.kind === 'hosted' && random.chance(0.2),
    byNamespace: random.chance(0.3),
  });
  switch (way) {
    case 'tag': {
      const reference = random.pick([...repository.tags.keys(), 'never-there']);
      await puller.ask(actor, { ...asking(), repository, what: 'manifest', reference });
      return;
    }
    case 'digest': {
      const reference = recent(repository.manifests.keys(), random);
      if (reference === null) return;
      await puller.ask(actor, { ...asking(), repository, what: 'manifest', reference });
      return;
    }
    case 'blob': {
      const manifest = recent(repository.manifests.keys(), random);
      if (manifest === null) return;
      await askBlob(world, puller, random, actor, { ...asking(), repository }, manifest);
      return;
    }
    case 'pull': {
      const reference = random.pick([...repository.tags.keys(), 'never-there']);
      const asked = { ...asking(), repository, method: 'GET' } as const;
      await puller.ask(actor, { ...asked, what: 'manifest', reference });
      for (const digest of world.digestsOf(repository, reference)) {
        for (const blob of world.get(digest).blobs) {
          await puller.ask(actor, { ...asked, what: 'blob', reference: blob });
        }
      }
      return;
    }
    case 'strange': {
      // A digest that belongs to another repository, or to several.
      const reference = recent(world.known.keys(), random);
      if (reference === null) return;
      if (random.chance(0.5))
        await puller.ask(actor, { ...asking(), repository, what: 'manifest', reference });
      else await askBlob(world, puller, random, actor, { ...asking(), repository }, reference);
      return;
    }
  }
}

async function askBlob(
  world: World,
  puller: Puller,
  random: Random,
  actor: string,
  asked: Omit<Question, 'what' | 'reference'> & { readonly repository: Proxied | Hosted },
  manifest: string,
): Promise<void> {
  const { blobs } = world.get(manifest);
  if (blobs.length === 0) return;
  const reference = random.pick(blobs);
  const size = world.blobs.get(reference)?.length ?? 0;
  const start = random.below(size);
  const range = random.chance(0.3) ? ([start, start + random.below(size - start)] as const) : null;
  await puller.ask(actor, { ...asked, what: 'blob', reference, range });
}

/** One of all, mostly of the last ones: they change most. */
export function recent(keys: Iterable<string>, random: Random): string | null {
  const all = [...keys];
  if (all.length === 0) return null;
  return random.pick(random.chance(0.7) ? all.slice(-12) : all);
}
