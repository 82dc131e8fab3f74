import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { StoredManifest } from '../core/image.ts';
import type { Clearance, ClearanceScope } from '../core/ports/gate.ts';
import { anybody, createWorld, team, type World, type WorldOptions } from './samples.ts';
import { image, index } from './samples-images.ts';

const good = image('good');
const bad = image('bad');
const third = image('third');

function worldWith(top: StoredManifest, options: WorldOptions = {}, ...more: StoredManifest[]): World {
  const world = createWorld(options);
  world.put(team, null, good, bad, third, ...more);
  world.put(team, 'top', top);
  return world;
}

async function settle(world: World, scope: ClearanceScope, milliseconds = 1000): Promise<Clearance> {
  const stored = await world.vetting.resolve(team, { kind: 'tag', tag: 'top' });
  return world.vetting.settled(team, stored, scope, anybody, milliseconds);
}

describe('an index', () => {
  it('is served when one named child is allowed, and not admitted while one is refused', async () => {
    const world = worldWith(index([good.stored, 'linux/amd64'], [bad.stored, 'linux/arm64']));
    expect((await settle(world, 'serve')).status).toBe('pass');
    const refused = await settle(world, 'admit');
    expect([refused.status, refused.reasons]).toEqual([
      'fail',
      [expect.stringMatching(/^linux\/arm64: .*CVE-2026-1/)],
    ]);
  });

  it('is served while another child is still pending', async () => {
    const world = worldWith(index([good.stored, 'linux/amd64'], [third.stored, 'linux/arm64']));
    const release = world.block(third.layer);
    expect((await settle(world, 'serve')).status).toBe('pass');
    expect((await settle(world, 'admit', 20)).status).toBe('pending');
    release();
    expect((await settle(world, 'admit')).status).toBe('pass');
  });

  it('waits for a pending child though another is refused already', async () => {
    const world = worldWith(index([bad.stored, 'linux/amd64'], [third.stored, 'linux/arm64']));
    const release = world.block(third.layer);
    expect((await settle(world, 'serve', 30)).status).toBe('pending');
    release();
    expect((await settle(world, 'serve')).status).toBe('pass');
  });

  it('looks at its children for named platforms alone', async () => {
    const world = worldWith(index([good.stored, 'linux/amd64'], [bad.stored, 'linux/s390x']));
    expect((await settle(world, 'admit')).status).toBe('pass');
    await sleep(20);
    expect(world.asked.filter((one) => one.includes(bad.stored.digest))).toEqual([]);
  });

  it('is refused when a child cannot be had, with the reason', async () => {
    const world = worldWith(index([good.stored, 'linux/amd64']));
    world.manifests.delete(`team/app ${good.stored.digest}`);
    expect(await settle(world, 'serve')).toMatchObject({
      status: 'error',
      transient: true,
      reasons: [expect.stringMatching(/^linux\/amd64: the upstream has no sha256/)],
    });
  });

  it('in an index is one like any other, to a depth of four', async () => {
    const levels = [good.stored];
    for (let level = 0; level < 5; level += 1) {
      levels.push(index([levels.at(-1) ?? good.stored, 'linux/amd64']));
    }
    for (const [depth, status] of [
      [1, 'pass'],
      [4, 'pass'],
      [5, 'error'],
    ] as const) {
      const world = worldWith(levels[depth] ?? good.stored, {}, ...levels);
      expect([depth, (await settle(world, 'serve')).status]).toEqual([depth, status]);
    }
  });

  it('and those in it name a bounded number of manifests', async () => {
    const pair = index([good.stored, 'linux/amd64'], [good.stored, 'linux/arm64']);
    const top = index([pair, 'linux/amd64'], [index([bad.stored, 'linux/amd64']), 'linux/arm64']);
    const enough = worldWith(
      top,
      { limits: { indexDescriptors: 5 } },
      pair,
      index([bad.stored, 'linux/amd64']),
    );
    expect((await settle(enough, 'admit')).status).toBe('fail');
    const tooFew = worldWith(
      top,
      { limits: { indexDescriptors: 4 } },
      pair,
      index([bad.stored, 'linux/amd64']),
    );
    expect(await settle(tooFew, 'admit')).toMatchObject({
      status: 'error',
      reasons: [expect.stringContaining('more than 4 manifests')],
    });
  });
});
