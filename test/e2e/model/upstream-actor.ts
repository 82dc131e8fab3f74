import { setTimeout as sleep } from 'node:timers/promises';
import { parseDigest } from '../../../core/digest.ts';
import type { Random } from '../../support/random.ts';
import type { Fault, Upstream } from '../../support/upstream.ts';
import type { Images } from './images.ts';
import type { Journal } from './journal.ts';
import { recent } from './pull-actor.ts';
import type { Puller } from './puller.ts';
import type { World } from './world.ts';

export const upstreamTags = ['1', '2', 'latest', 'edge', 'old'];

/** What happens at the upstream while others pull. */
export interface UpstreamParts {
  readonly world: World;
  readonly upstream: Upstream;
  readonly puller: Puller;
  readonly images: Images;
  readonly journal: Journal;
}

export async function changeUpstream(parts: UpstreamParts, random: Random): Promise<void> {
  const { world, upstream, journal } = parts;
  const repository = random.pick(world.proxied);
  const tag = random.pick(upstreamTags);
  switch (random.weighted({ push: 6, move: 3, remove: 1, away: 0.4 })) {
    case 'push': {
      pushUpstream(parts, repository, tag);
      return;
    }
    case 'move': {
      const digest = recent(world.builtOf.keys(), random);
      const made = digest === null ? undefined : world.builtOf.get(digest);
      if (made === undefined) return;
      upstream.put(repository.path, tag, made.built);
      world.put(repository, tag, made.built);
      parts.puller.moved(repository, tag, made.built.manifest.digest);
      journal.add(
        'upstream',
        'tag moves',
        `${repository.path}:${tag} to ${made.built.manifest.digest} ${made.text}`,
      );
      return;
    }
    case 'remove': {
      // Not what an index refers to: those stay.
      const tops = [...repository.manifests.keys()].filter((digest) => world.builtOf.has(digest));
      const digest = parseDigest(recent(tops, random) ?? '');
      if (digest === null) return;
      upstream.remove(repository.path, digest);
      world.remove(repository, digest);
      journal.add('upstream', 'manifest removed', `${repository.path}@${digest}`);
      return;
    }
    case 'away': {
      const fault: Fault = random.pick([{ reset: true }, { status: 503 }, { status: 500 }]);
      const from = performance.now();
      world.upstream.set(false);
      const back = upstream.fault(/./, fault);
      await sleep(200 + random.below(800));
      back();
      world.upstream.set(true);
      journal.add('upstream', 'upstream away', JSON.stringify(fault), from);
      return;
    }
  }
}

/** A new image or index under a tag. */
export function pushUpstream(
  { world, upstream, puller, images, journal }: UpstreamParts,
  repository: World['proxied'][number],
  tag: string,
): void {
  const made = images.make();
  world.learn(made);
  upstream.put(repository.path, tag, made.built);
  world.put(repository, tag, made.built);
  puller.moved(repository, tag, made.built.manifest.digest);
  journal.add(
    'upstream',
    'upstream push',
    `${repository.path}:${tag} is ${made.built.manifest.digest} ${made.text}`,
  );
}
