import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mostSightingsOf, type Sighting } from '../core/ports/sightings.ts';
import { at, digest } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';
import { sightingsOn } from './sightings.ts';
import { migrate, openDatabase } from './sqlite.ts';
import { stateSchema } from './state-schema.ts';

const seen = (image: number, minute: number, given: Partial<Sighting> = {}): Omit<Sighting, 'firstAt'> => ({
  digest: digest(image),
  cluster: 'prod',
  namespace: 'shop',
  workload: 'Deployment/web',
  image: 'registry.corp/team/app:1',
  team: 'red',
  lastAt: at(minute),
  ...given,
});

describe.each(engines)('sightings in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  it('are one for each image and workload, with the first and the last time', async () => {
    await stores.putSightings([seen(1, 1), seen(1, 2, { namespace: 'other' })]);
    await stores.putSightings([seen(1, 5, { image: 'registry.corp/team/app:2', team: null })]);
    await stores.putSightings([seen(1, 3)]);
    expect(await stores.sightings(at(0))).toEqual([
      { ...seen(1, 2, { namespace: 'other' }), firstAt: at(2) },
      { ...seen(1, 5), firstAt: at(1) },
    ]);
    expect(await stores.sightings(at(5))).toHaveLength(1);
    expect(await stores.forgetSightingsBefore(at(5))).toBe(1);
    expect(await stores.sightings(at(0))).toHaveLength(1);
  });

  it('are asked for by image, as many of each as people are told of', async () => {
    await stores.putSightings([seen(1, 1), seen(2, 5), seen(3, 5)]);
    const everywhere = Array.from({ length: mostSightingsOf + 1 }, (_, index) =>
      seen(4, 5, { namespace: `n-${index}` }),
    );
    await stores.putSightings(everywhere);
    const asked = [digest(1), digest(2), digest(9)];
    expect(await stores.sightingsOf(asked, at(5))).toEqual([{ ...seen(2, 5), firstAt: at(5) }]);
    expect(await stores.sightingsOf([digest(3), digest(4)], at(0))).toHaveLength(1 + mostSightingsOf);
    expect(await stores.sightingsOf([], at(0))).toEqual([]);
  });
});

describe('sightings beyond their number', () => {
  it('push out those that were seen least lately', () => {
    const db = openDatabase(':memory:');
    migrate(db, ':memory:', stateSchema);
    const sightings = sightingsOn(db, 10);
    for (let minute = 1; minute <= 100; minute += 1) {
      sightings.putSightings([seen(minute, minute)]);
      expect(sightings.sightings(at(0)).length).toBeLessThanOrEqual(10);
    }
    expect(sightings.sightings(at(100))).toHaveLength(1);
    db.close();
  });
});
