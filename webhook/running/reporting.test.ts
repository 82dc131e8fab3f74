import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { RunningImage, RunningReport } from '../../core/ports/sightings.ts';
import { sha } from '../../test/support/cluster-pods.ts';
import { pause } from '../cluster/wait.ts';
import { tellOnce } from './reporting.ts';

const minute = 60_000;
let clock: number;
let running: RunningImage[] | null;
let told: RunningReport[];
let look: Awaited<ReturnType<typeof tellOnce>>;
beforeEach(() => {
  [clock, running, told, look] = [Date.parse('2026-11-10T00:00:00Z'), [], [], null];
});

const image = (number: number, given: Partial<RunningImage> = {}): RunningImage => ({
  ...{ digest: sha(number) as Digest, namespace: 'shop', workload: `Deployment/w-${number}` },
  ...{ image: 'r/app', team: null, ...given },
});

/** What is told when so much time has gone by: how many came, how many stopped, whether that was all. */
async function tell(minutes = 0): Promise<(readonly [number, number, boolean])[]> {
  clock += minutes * minute;
  const before = told.length;
  look = await tellOnce(
    {
      cluster: 'prod',
      running: () => running,
      tell: (report) => {
        told.push(report);
        return Promise.resolve();
      },
      wait: pause,
      now: () => clock,
      signal: new AbortController().signal,
      logger: silentLogger,
    },
    look,
  );
  return told.slice(before).map((one) => [one.running.length, one.stopped.length, one.whole] as const);
}

describe('what runs is told', () => {
  it('whole at first, then what came, changed and stopped, and nothing where nothing did', async () => {
    running = [image(1), image(2)];
    expect(await tell()).toEqual([[2, 0, true]]);
    expect(await tell(1)).toEqual([]);
    running = [image(2), image(3)];
    expect(await tell(1)).toEqual([
      [1, 0, false],
      [0, 1, false],
    ]);
    running = [image(2, { team: 'red' }), image(3)];
    expect(await tell(1)).toEqual([[1, 0, false]]);
    expect(new Set(told.map((one) => one.look)).size).toBe(1);
  });

  it('in parts, of which the last one says that it is whole', async () => {
    running = Array.from({ length: 2500 }, (_, index) => image(index));
    expect(await tell()).toEqual([
      [1000, 0, false],
      [1000, 0, false],
      [500, 0, true],
    ]);
  });

  it('again from time to time, so that nobody takes it to be gone, and whole each hour', async () => {
    running = [image(1)];
    await tell();
    expect(await tell(11)).toEqual([[0, 0, false]]);
    expect(await tell(50)).toEqual([[1, 0, true]]);
    expect(new Set(told.map((one) => one.look)).size).toBe(2);
  });

  it('anew where the clock was set back', async () => {
    running = [image(1)];
    await tell();
    expect(await tell(-60)).toEqual([[1, 0, true]]);
  });

  it('not at all where nothing is known, and whole when it is again', async () => {
    running = [image(1)];
    await tell();
    running = null;
    expect(await tell(1)).toEqual([]);
    running = [image(1)];
    expect(await tell(1)).toEqual([[1, 0, true]]);
  });

  it('without what no Kubernetes has: names that are too long', async () => {
    running = [image(1, { workload: 'x'.repeat(600) }), image(2)];
    expect(await tell()).toEqual([[1, 0, true]]);
  });
});
