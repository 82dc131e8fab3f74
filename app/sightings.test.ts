import { describe, expect, it, jest } from '@jest/globals';
import { parseDigest } from '../core/digest.ts';
import { gatherSightings } from './sightings.ts';

type Seen = Parameters<ReturnType<typeof gatherSightings>['add']>[0][number];

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const seen = (workload: string, lastAt = '2026-06-01T00:00:00.000Z'): Seen => {
  if (digest === null) throw new Error('no digest');
  return { digest, cluster: 'prod', namespace: 'shop', workload, image: 'nginx', team: null, lastAt };
};

function gathered(fails = false) {
  const written: (readonly Seen[])[] = [];
  const warned: string[] = [];
  const quiet = () => undefined;
  const writer = gatherSightings({
    store: {
      putSightings: (list) => {
        if (fails) return Promise.reject(new Error('the disk is full'));
        written.push(list);
        return Promise.resolve();
      },
    },
    logger: { debug: quiet, info: quiet, error: quiet, warn: (_fields, message) => warned.push(message) },
  });
  return { writer, written, warned };
}

describe('sightings', () => {
  it('are written together within a second, each workload once with the newest time', async () => {
    jest.useFakeTimers();
    try {
      const { writer, written } = gathered();
      writer.add([seen('Pod/a'), seen('Pod/b')]);
      writer.add([seen('Pod/a', '2026-06-01T00:00:01.000Z')]);
      expect(written).toEqual([]);
      await jest.advanceTimersByTimeAsync(1000);
      expect(written).toEqual([[seen('Pod/a', '2026-06-01T00:00:01.000Z'), seen('Pod/b')]]);
      writer.add([seen('Pod/c')]);
      await writer.close();
      expect(written[1]).toEqual([seen('Pod/c')]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('are bounded, and what is left out is told', async () => {
    const { writer, written, warned } = gathered();
    writer.add(Array.from({ length: 6000 }, (_, at) => seen(`Pod/${at}`)));
    await writer.close();
    expect(written[0]).toHaveLength(5000);
    expect(warned).toEqual(['sightings of running images were left out: too many or too long']);
  });

  it.each<[field: string, text: Partial<Seen>]>([
    ['cluster', { cluster: 'c'.repeat(254) }],
    ['namespace', { namespace: 'n'.repeat(254) }],
    ['workload', { workload: `Pod/${'w'.repeat(504)}` }],
    ['image', { image: 'i'.repeat(1025) }],
    ['team', { team: 't'.repeat(64) }],
  ])('with a longer %s than any cluster gives are left out, and that is told', async (_field, text) => {
    const { writer, written, warned } = gathered();
    writer.add([{ ...seen('Pod/a'), ...text }, seen('Pod/b')]);
    await writer.close();
    expect(written).toEqual([[seen('Pod/b')]]);
    expect(warned).toEqual(['sightings of running images were left out: too many or too long']);
  });

  it('that cannot be written are told in the log and hold up nobody', async () => {
    const { writer, warned } = gathered(true);
    writer.add([seen('Pod/a')]);
    await writer.close();
    expect(warned).toEqual(['sightings of running images could not be written']);
  });
});
