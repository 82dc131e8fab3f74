import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import { anybody, createWorld, other, team, type World } from './samples.ts';
import { image, start } from './samples-images.ts';

const good = image('good');
const bad = image('bad');
const minute = 60_000;
const day = 24 * 60 * minute;

/** How often a kind of request was made of the upstream. */
const count = (world: World, what: string): number =>
  world.asked.filter((one) => one.startsWith(what)).length;

function worldWith(options: Parameters<typeof createWorld>[0] = {}): World {
  const world = createWorld(options);
  world.put(team, 'latest', good);
  world.put(team, 'bad', bad);
  return world;
}

describe('a vetting', () => {
  it('allows what is clean and refuses what is not', async () => {
    const world = worldWith();
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
    expect(await world.ask(team, bad.stored.digest, 1000)).toBe('fail');
    expect((await world.records.getVerdict(bad.stored.digest, 'baseline'))?.status).toBe('fail');
  });

  it('is one for fifty that ask at once', async () => {
    const world = worldWith();
    const release = world.block(good.layer);
    const asking = Array.from({ length: 50 }, () => world.ask(team, good.stored.digest, 2000));
    while (world.vetting.underWay === 0) await sleep(5);
    expect(world.vetting.underWay).toBe(1);
    release();
    expect(new Set(await Promise.all(asking))).toEqual(new Set(['pass']));
    expect([count(world, 'GET manifest'), count(world, 'GET blob'), world.matched]).toEqual([1, 2, ['good']]);
  });

  it('answers "pending" when the wait is over, goes on, and says how far it is', async () => {
    const world = worldWith();
    const release = world.block(good.layer);
    expect(await world.ask(team, good.stored.digest, 30)).toBe('pending');
    release();
    await sleep(20);
    expect(await world.ask(team, good.stored.digest, 0)).toBe('pass');
  });

  it('that failed is tried again, but not at once', async () => {
    const world = worldWith();
    world.failing.set(good.layer, new PratiqueError('upstream-unreachable', 'the upstream is away'));
    const stored = await world.vetting.resolve(team, { kind: 'digest', digest: good.stored.digest });
    const failed = await world.vetting.settled(team, stored, 'serve', anybody, 1000);
    expect(failed).toMatchObject({ status: 'error', reasons: ['the upstream is away'], transient: true });
    const before = count(world, 'GET blob');
    expect(await world.ask(team, good.stored.digest, 0)).toBe('error');
    expect(count(world, 'GET blob')).toBe(before);
    world.failing.clear();
    await sleep(60);
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
  });

  it('that failed in one repository says nothing of another', async () => {
    const world = worldWith({ limits: { failureMemory: minute } });
    world.put(other, null, good);
    world.blobs.delete(`team/other ${good.layer}`);
    expect(await world.ask(other, good.stored.digest, 1000)).toBe('error');
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
  });

  it('133: joins the download that another repository has begun of a layer that it does not have', async () => {
    const world = worldWith();
    const [mine, stranger] = [image('mine', 'a shared layer'), image('stranger', 'a shared layer')];
    world.put(team, null, mine);
    world.put(other, null, stranger);
    world.blobs.delete(`team/other ${mine.layer}`);
    const release = world.block(mine.layer);
    const theirs = world.ask(other, stranger.stored.digest, 2000);
    await sleep(20);
    const ours = world.ask(team, mine.stored.digest, 2000);
    await sleep(20);
    release();
    expect([await theirs, await ours]).toEqual(['error', 'pass']);
  });

  it('is refused by name when too many wait', async () => {
    const world = worldWith({ limits: { concurrent: 1, queued: 1 } });
    const third = image('third');
    world.put(team, 'third', third);
    const release = world.block(good.layer);
    const first = world.ask(team, good.stored.digest, 2000);
    await sleep(20);
    const second = world.ask(team, bad.stored.digest, 2000);
    await sleep(20);
    const stored = await world.vetting.resolve(team, { kind: 'tag', tag: 'third' });
    const full = await world.vetting.settled(team, stored, 'serve', anybody, 1000);
    expect(full).toMatchObject({
      status: 'error',
      transient: true,
      platforms: [{ failure: { code: 'queue-full' } }],
    });
    release();
    expect([await first, await second]).toEqual(['pass', 'fail']);
  });

  it('of an image that is recorded needs no turn', async () => {
    const world = worldWith({ limits: { concurrent: 1, queued: 0 } });
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
    const release = world.block(bad.layer);
    const slow = world.ask(team, bad.stored.digest, 2000);
    await sleep(20);
    world.revision = 'r2';
    expect(await world.ask(team, good.stored.digest, 500)).toBe('pass');
    release();
    await slow;
  });
});

describe('a verdict is made again, from what is recorded', () => {
  it('when the advisories change', async () => {
    const world = worldWith();
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
    world.asked.length = 0;
    world.vulnerable.add('good');
    expect(await world.ask(team, good.stored.digest, 0)).toBe('pass');
    world.revision = 'r2';
    expect(await world.ask(team, good.stored.digest, 0)).toBe('pending');
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('fail');
    expect(world.asked).toEqual([]);
  });

  it('when time passes: the advisories get too old', async () => {
    const world = worldWith();
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
    world.clock = start + 6 * day - 1;
    expect(await world.ask(team, good.stored.digest, 0)).toBe('pass');
    world.clock = start + 6 * day;
    expect(await world.ask(team, good.stored.digest, 0)).toBe('pending');
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('error');
    expect(count(world, 'GET blob')).toBe(2);
  });

  it('when there are no advisories any more: nothing is allowed', async () => {
    const world = worldWith();
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('pass');
    world.revision = null;
    expect(await world.ask(team, good.stored.digest, 1000)).toBe('error');
  });

  const exempt = `
version: 1
name: exempt
rules: [{ id: any, action: deny, when: { any: true } }]
exceptions: [{ advisory: CVE-2026-1, image: registry.corp/team/app, reason: r, author: a, expires: 2099-01-01 }]
`;

  it('when another repository is found to hold the image, since exceptions look at all of them', async () => {
    const world = worldWith({ policy: exempt });
    world.put(other, null, bad);
    expect(await world.ask(team, bad.stored.digest, 1000)).toBe('pass');
    expect(await world.ask(other, bad.stored.digest, 1000)).toBe('fail');
    expect(await world.ask(team, bad.stored.digest, 1000)).toBe('fail');
  });

  it('also when it is found while the first vetting is under way', async () => {
    const world = worldWith({ policy: exempt });
    world.put(other, null, bad);
    const { imagesOf } = world.records;
    // The second repository shows up right after the names were read for the first verdict.
    let surprise: Promise<unknown> | null = null;
    world.records.imagesOf = async (digest) => {
      const names = await imagesOf(digest);
      surprise ??= world.vetting.resolve(other, { kind: 'digest', digest });
      await surprise;
      return names;
    };
    expect(await world.ask(team, bad.stored.digest, 1000)).toBe('fail');
  });
});

describe('a blob', () => {
  it('is allowed only through an allowed manifest of that repository', async () => {
    const world = worldWith();
    world.put(other, null, good);
    const status = async (where: typeof team, digest: typeof good.layer): Promise<string> =>
      (await world.vetting.blob(where, digest, anybody, 1000)).status;
    expect(await status(team, good.layer)).toBe('error');
    await world.ask(team, good.stored.digest, 1000);
    await world.ask(team, bad.stored.digest, 1000);
    expect([await status(team, good.layer), await status(team, good.config)]).toEqual(['pass', 'pass']);
    expect([await status(team, bad.layer), await status(team, bad.config)]).toEqual(['fail', 'fail']);
    expect(await status(other, good.layer)).toBe('error');
    const refused = await world.vetting.blob(team, bad.layer, anybody, 0);
    await expect(refused.fetch()).rejects.toThrow('never fetched');
  });

  it('that another manifest clears is not delayed by a pending one', async () => {
    const world = createWorld();
    const slow = image('slow', 'shared');
    const quick = image('quick', 'shared');
    world.put(team, null, slow, quick);
    const release = world.block(slow.config);
    await world.ask(team, slow.stored.digest, 10);
    await world.ask(team, quick.stored.digest, 1000);
    expect((await world.vetting.blob(team, slow.layer, anybody, 0)).status).toBe('pass');
    // Nor when the one that clears it has to be judged again first.
    world.revision = 'r2';
    const started = Date.now();
    expect((await world.vetting.blob(team, slow.layer, anybody, 5000)).status).toBe('pass');
    expect(Date.now() - started).toBeLessThan(2000);
    release();
  });

  it('of a pending manifest is waited for, and no longer than was said', async () => {
    const world = worldWith();
    const release = world.block(good.layer);
    await world.ask(team, good.stored.digest, 10);
    expect((await world.vetting.blob(team, good.config, anybody, 20)).status).toBe('pending');
    const waiting = world.vetting.blob(team, good.config, anybody, 2000);
    release();
    expect((await waiting).status).toBe('pass');
  });

  it('is not served when it is not allowed any more after its fetch', async () => {
    const world = worldWith();
    await world.ask(team, good.stored.digest, 1000);
    const clearance = await world.vetting.blob(team, good.layer, anybody, 0);
    await clearance.fetch();
    world.revision = 'r2';
    await expect(clearance.fetch()).rejects.toThrow('not allowed any more');
  });

  it('is waited for where it is judged anew while it is fetched', async () => {
    const world = worldWith();
    await world.ask(team, good.stored.digest, 1000);
    const clearance = await world.vetting.blob(team, good.layer, anybody, 1000);
    world.revision = 'r2';
    await clearance.fetch();
    expect(world.vetting.clearance(team, good.stored, 'serve', anybody).status).toBe('pass');
  });

  it('that is in the store is proven once by the repository that asks for it', async () => {
    const world = worldWith();
    world.put(other, null, good);
    await world.ask(team, good.stored.digest, 1000);
    world.asked.length = 0;
    expect(await world.ask(other, good.stored.digest, 1000)).toBe('pass');
    const { fetch } = await world.vetting.blob(other, good.layer, anybody, 0);
    await fetch();
    await fetch();
    expect(world.asked.filter((one) => one.includes('blob'))).toEqual([`HEAD blob team/other ${good.layer}`]);
    world.blobs.delete(`team/other ${good.config}`);
    const absent = await world.vetting.blob(other, good.config, anybody, 0);
    await expect(absent.fetch()).rejects.toMatchObject({ code: 'blob-unknown' });
  });
});
