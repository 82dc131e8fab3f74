import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../core/verdict.ts';
import { createWorld, team, type World } from './samples.ts';
import { image, inventoryOf, start } from './samples-images.ts';

const good = image('good');

async function vet(world: World) {
  const { digest, manifest } = good.stored;
  if (manifest.kind !== 'image') throw new Error('no image');
  await world.catalogue.resolve(team, { kind: 'digest', digest });
  world.asked.length = 0;
  const { verdicts } = await world.judge.vet(team, digest, manifest, () => undefined);
  const verdict = verdicts.get('baseline');
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

function isCurrent(world: World, verdict: Verdict): boolean {
  const policy = world.rulebook.set.policies.get('baseline');
  if (policy === undefined) throw new Error('no policy');
  return world.judge.isCurrent(verdict, policy);
}

function worldWithGood(): World {
  const world = createWorld();
  world.put(team, null, good);
  return world;
}

describe('a judgement', () => {
  it('fetches nothing without advisories, because nothing could be cleared', async () => {
    const world = worldWithGood();
    world.revision = null;
    await expect(vet(world)).rejects.toMatchObject({ code: 'advisories-missing' });
    expect(world.asked).toEqual([]);
  });

  it('records inventory, findings and verdict', async () => {
    const world = worldWithGood();
    const verdict = await vet(world);
    const { digest } = good.stored;
    expect(verdict).toMatchObject({ status: 'pass', advisoriesRevision: 'r1', policy: 'baseline' });
    expect(await world.records.getVerdict(digest, 'baseline')).toEqual(verdict);
    expect(await world.records.getMatch(digest, 'r1')).toMatchObject({ advisories: { revision: 'r1' } });
    expect(await world.records.getInventory(digest, inventoryOf('good').analyzers)).toEqual({
      inventory: inventoryOf('good'),
      scannedAt: new Date(start).toISOString(),
    });
  });

  it('uses a recorded inventory, and matches it only against advisories it was not matched against', async () => {
    const world = worldWithGood();
    await vet(world);
    await vet(world);
    expect([world.asked, world.matched]).toEqual([[], ['good']]);
    world.revision = 'r2';
    expect((await vet(world)).advisoriesRevision).toBe('r2');
    expect([world.asked, world.matched]).toEqual([[], ['good', 'good']]);
  });

  it('without a recorded inventory cannot be made again', async () => {
    const world = worldWithGood();
    expect(await world.judge.rejudge(good.stored.digest)).toBeNull();
  });

  it('holds until the advisories, or the time, change it', async () => {
    const world = worldWithGood();
    const verdict = await vet(world);
    expect(isCurrent(world, verdict)).toBe(true);
    expect(isCurrent(world, { ...verdict, policyRevision: 'another' })).toBe(false);
    expect(isCurrent(world, { ...verdict, scanner: 'another' })).toBe(false);
    expect(verdict.validUntil).not.toBeNull();
    const end = Date.parse(verdict.validUntil ?? '');
    expect(end).toBeGreaterThan(start);
    world.clock = end - 1;
    expect(isCurrent(world, verdict)).toBe(true);
    world.clock = end;
    expect(isCurrent(world, verdict)).toBe(false);
    world.clock = start;
    world.revision = 'r2';
    expect(isCurrent(world, verdict)).toBe(false);
    world.revision = null;
    expect(isCurrent(world, verdict)).toBe(false);
  });

  it('does not hold when it was made in a future that a clock has gone back from', async () => {
    const world = worldWithGood();
    world.clock = start + 3_600_000;
    const verdict = await vet(world);
    world.clock = start;
    expect(isCurrent(world, verdict)).toBe(false);
  });

  it('is recorded with what has changed since the last one', async () => {
    const world = worldWithGood();
    await vet(world);
    await vet(world);
    world.revision = 'r2';
    world.vulnerable.add('good');
    await vet(world);
    world.clock += 8 * 86_400_000;
    await vet(world);
    expect(world.records.judged.map(({ cause, verdict }) => [cause, verdict.status])).toEqual([
      ['first', 'pass'],
      ['advisories', 'fail'],
      ['time', 'fail'],
    ]);
  });
});
