import { describe, expect, it } from '@jest/globals';
import { anybody, createWorld, team } from './samples.ts';
import { image } from './samples-images.ts';

describe('a blob that many manifests of its repository have', () => {
  const many = Array.from({ length: 200 }, (_, index) => image(`one-${index}`, 'a base layer'));
  const layer = many[0]?.layer;
  if (layer === undefined) throw new Error('no image');

  it('132: begins a few vettings at a time, whoever asks for it', async () => {
    const world = createWorld();
    world.put(team, null, ...many);
    for (const { stored } of many)
      await world.vetting.resolve(team, { kind: 'digest', digest: stored.digest });
    const release = world.block(layer);
    expect(await world.vetting.blob(team, layer, anybody, 50)).toMatchObject({
      status: 'pending',
      allowed: false,
    });
    expect(world.vetting.underWay).toBeLessThan(20);
    release();
  });

  it('is served by one that is known to be allowed, and by the last one that may be', async () => {
    const world = createWorld();
    const [last] = many.slice(-1);
    for (let index = 0; index < many.length - 1; index += 1) world.vulnerable.add(`one-${index}`);
    world.put(team, null, ...many);
    for (const { stored } of many)
      await world.vetting.resolve(team, { kind: 'digest', digest: stored.digest });
    expect(await world.vetting.blob(team, layer, anybody, 5000)).toMatchObject({ allowed: true });
    world.vetting.groundChanged();
    expect(await world.ask(team, last?.stored.digest ?? layer, 1000)).toBe('pass');
    expect(await world.vetting.blob(team, layer, anybody, 0)).toMatchObject({ allowed: true });
    expect(world.vetting.underWay).toBe(0);
  });
});
