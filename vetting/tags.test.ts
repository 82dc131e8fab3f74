import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import { createWorld, keyOf, team, type World, type WorldOptions } from './samples.ts';
import { image } from './samples-images.ts';

const good = image('good');
const next = image('next');
const minute = 60_000;
const heads = ({ asked }: World): number => asked.filter((one) => one.startsWith('HEAD manifest')).length;
const gets = ({ asked }: World): number => asked.filter((one) => one.startsWith('GET manifest')).length;
const fault = (
  code: 'upstream-unreachable' | 'upstream-refused' | 'upstream-throttled' | 'upstream-misbehaved',
) => new PratiqueError(code, `the upstream corp: ${code}`, { retryAfter: null });

/** A world in which the tag was pulled once. */
async function pulled(tags: WorldOptions['tags'] = { ttl: minute }): Promise<World> {
  const world = createWorld({ tags });
  world.put(team, 'latest', good);
  await world.catalogue.tag(team, 'latest', 'held');
  return world;
}
const find = ({ catalogue }: World, freshness: 'held' | 'now' | 'certain' = 'held') =>
  catalogue.tag(team, 'latest', freshness);

describe('within its time', () => {
  it('a tag is answered from memory, and not after', async () => {
    const world = await pulled();
    world.put(team, 'latest', next);
    expect(world.catalogue.heldTag(team, 'latest')).toEqual(good.stored);
    expect((await find(world)).manifest.digest).toBe(good.stored.digest);
    world.clock += minute;
    expect(world.catalogue.heldTag(team, 'latest')).toBeNull();
    expect(await find(world)).toEqual({ manifest: next.stored, staleAge: null });
    expect(heads(world)).toBe(2);
    expect(world.counts.all.get('corp')).toMatchObject({ fresh: 2, moved: 2 });
  });

  it('is none where it has no time, and where the clock was set back', async () => {
    const always = await pulled({ ttl: 0 });
    expect(always.catalogue.heldTag(team, 'latest')).toBeNull();
    await find(always);
    expect(heads(always)).toBe(2);
    const back = await pulled();
    back.clock -= 1;
    expect(back.catalogue.heldTag(team, 'latest')).toBeNull();
  });

  it.each(['now', 'certain'] as const)(
    'who wants to know %s asks, and all others know it then',
    async (freshness) => {
      const world = await pulled();
      world.put(team, 'latest', next);
      expect((await find(world, freshness)).manifest.digest).toBe(next.stored.digest);
      expect(world.catalogue.heldTag(team, 'latest')?.digest).toBe(next.stored.digest);
    },
  );

  it('requests that come while it is asked share the answer', async () => {
    const world = await pulled();
    world.clock += minute;
    await Promise.all(Array.from({ length: 20 }, () => find(world)));
    expect(heads(world)).toBe(2);
  });

  it('a push is known at once, whatever was being asked, and so is a deletion', async () => {
    const world = await pulled();
    let answer = (): void => undefined;
    world.clock += minute;
    world.speech.silent = new Promise((resolve) => (answer = resolve));
    const before = find(world);
    await new Promise((resolve) => setImmediate(resolve));
    await world.catalogue.accept(team, next.stored);
    await world.catalogue.tagPushed(team, 'latest', next.stored.digest);
    answer();
    await before;
    expect(world.catalogue.heldTag(team, 'latest')?.digest).toBe(next.stored.digest);
    expect(await world.records.getTag(team, 'latest')).toBe(next.stored.digest);
    await world.catalogue.tagPushed(team, 'latest', null);
    expect(world.catalogue.heldTag(team, 'latest')).toBeNull();
    expect(await world.records.getTag(team, 'latest')).toBeNull();
  });
});

describe('an upstream that gives an ETag', () => {
  it.each([true, false])(
    'is asked with it, and nothing is fetched (it says digests: %s)',
    async (digests) => {
      const world = createWorld();
      Object.assign(world.speech, { digests, etags: true });
      world.put(team, 'latest', good);
      await find(world);
      await find(world);
      expect(world.asked.filter((one) => one === '304')).toHaveLength(1);
      expect(gets(world)).toBe(1);
      world.put(team, 'latest', next);
      expect((await find(world)).manifest.digest).toBe(next.stored.digest);
    },
  );
});

describe('an upstream that does not answer', () => {
  it.each(['upstream-unreachable', 'upstream-throttled', 'upstream-misbehaved'] as const)(
    '%s: what it said last is served, marked, and it is left in peace for a while',
    async (code) => {
      const world = await pulled();
      world.clock += 2 * minute;
      world.speech.failure = fault(code);
      expect(await find(world)).toEqual({ manifest: good.stored, staleAge: 120 });
      expect(await find(world, 'now')).toEqual({ manifest: good.stored, staleAge: 120 });
      expect(heads(world)).toBe(2);
      await expect(find(world, 'certain')).rejects.toMatchObject({ code });
      world.speech.failure = null;
      world.clock += minute;
      expect((await find(world)).staleAge).toBeNull();
    },
  );

  it('is not waited for longer than staleAfter', async () => {
    const world = await pulled({ ttl: 0, staleAfter: 20 });
    world.speech.silent = new Promise(() => undefined);
    world.clock += 7000;
    expect(await find(world)).toEqual({ manifest: good.stored, staleAge: 7 });
    expect(await find(world)).toEqual({ manifest: good.stored, staleAge: 7 });
    expect(world.counts.all.get('corp')).toMatchObject({ stale: 2 });
  });

  it('after a restart: what is recorded is served', async () => {
    const first = await pulled();
    const second = createWorld({ tags: { ttl: minute } });
    const record = await first.records.getManifest(team, good.stored.digest);
    if (record !== null) await second.records.putManifest(team, record);
    await second.records.putTag(
      team,
      'latest',
      good.stored.digest,
      new Date(second.clock - 90_000).toISOString(),
    );
    second.speech.failure = fault('upstream-unreachable');
    expect(await find(second)).toEqual({ manifest: good.stored, staleAge: 90 });
  });

  it.each([
    ['it is not known', async () => createWorld({ tags: { ttl: minute } })],
    ['it was heard too long ago', async () => pulled({ ttl: 0, staleFor: 1000 })],
    ['nothing stale is wanted', async () => pulled({ ttl: 0, staleFor: 0 })],
  ])('is told where %s', async (_what, begin) => {
    const world = await begin();
    world.clock += 2000;
    world.speech.failure = fault('upstream-unreachable');
    await expect(find(world)).rejects.toMatchObject({ code: 'upstream-unreachable' });
  });
});

describe('what an upstream denies', () => {
  it('a tag that is gone is not papered over, now and when the upstream is away later', async () => {
    const world = await pulled({ ttl: 0 });
    world.manifests.delete('team/app latest');
    await expect(find(world)).rejects.toMatchObject({ code: 'manifest-unknown' });
    expect(await world.records.getTag(team, 'latest')).toBeNull();
    world.speech.failure = fault('upstream-unreachable');
    world.clock += minute;
    await expect(find(world)).rejects.toMatchObject({ code: 'upstream-unreachable' });
  });

  it('a refusal is not papered over either', async () => {
    const world = await pulled({ ttl: 0 });
    world.speech.failure = fault('upstream-refused');
    await expect(find(world)).rejects.toMatchObject({ code: 'upstream-refused' });
    world.speech.failure = fault('upstream-unreachable');
    await expect(find(world)).rejects.toMatchObject({ code: 'upstream-unreachable' });
  });

  it('a tag that is not there is not asked for again for a short time, but when it was pushed', async () => {
    const world = createWorld();
    await expect(find(world)).rejects.toMatchObject({ code: 'manifest-unknown' });
    world.put(team, 'latest', good);
    await expect(find(world)).rejects.toMatchObject({ code: 'manifest-unknown' });
    expect(heads(world)).toBe(1);
    expect(world.counts.all.get('corp')).toMatchObject({ missing: 1, 'negative-hit': 1 });
    await world.catalogue.accept(team, good.stored);
    await world.catalogue.tagPushed(team, 'latest', good.stored.digest);
    expect((await find(world)).manifest.digest).toBe(good.stored.digest);
  });

  it('is asked again after that time', async () => {
    const world = createWorld();
    await expect(find(world)).rejects.toMatchObject({ code: 'manifest-unknown' });
    world.put(team, 'latest', good);
    world.clock += 10_000;
    expect((await find(world)).manifest.digest).toBe(good.stored.digest);
    expect(world.manifests.has(keyOf(team, good.stored.digest))).toBe(false);
  });
});
