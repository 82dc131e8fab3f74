import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mostSightingsOf, type RunningReport, type Sighting } from '../core/ports/sightings.ts';
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

  it('are what runs where a cluster tells it: what stops is left out, and what was let in and never ran', async () => {
    const runs = (image: number, namespace = 'shop') => {
      const { digest: of, workload, image: name, team } = seen(image, 0);
      return { digest: of, namespace, workload, image: name, team };
    };
    const part = (look: string, minute: number, given: Partial<RunningReport>): RunningReport => ({
      ...{ cluster: 'prod', at: at(minute), look, running: [], stopped: [], whole: false },
      ...given,
    });
    const running = async () =>
      (await stores.sightings(at(0))).map(({ digest: of, cluster, namespace }) => [of, cluster, namespace]);
    await stores.putSightings([seen(1, 1), seen(2, 1), seen(3, 1, { cluster: 'test' })]);
    await stores.putRunning(part('a', 2, { running: [runs(1)] }));
    // Not all of the cluster has been looked at yet.
    expect(await running()).toHaveLength(3);
    await stores.putRunning(part('a', 2, { running: [runs(4)], whole: true }));
    const others = [digest(3), 'test', 'shop'];
    expect(await running()).toEqual(
      [[digest(1), 'prod', 'shop'], others, [digest(4), 'prod', 'shop']].toSorted(),
    );
    await stores.putRunning(part('a', 3, { running: [runs(5, 'other')], stopped: [runs(1)] }));
    expect(await running()).toEqual(
      [[digest(4), 'prod', 'shop'], [digest(5), 'prod', 'other'], others].toSorted(),
    );
    expect(await stores.sightingsOf([digest(1)], at(0))).toEqual([]);
    // Let in again: it counts as running until somebody looks.
    await stores.putSightings([seen(1, 4)]);
    expect(await stores.sightingsOf([digest(1)], at(0))).toHaveLength(1);
    await stores.putRunning(part('b', 5, { running: [runs(1)], whole: true }));
    expect(await running()).toEqual([[digest(1), 'prod', 'shop'], others].toSorted());
    expect(await stores.watchedClusters(at(5))).toEqual([{ cluster: 'prod', at: at(5) }]);
    expect(await stores.watchedClusters(at(6))).toEqual([]);
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
