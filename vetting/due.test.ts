import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { DueVerdicts } from './due.ts';
import { sha256, start } from './samples-images.ts';

const [one, two, three] = ['one', 'two', 'three'].map(sha256) as [Digest, Digest, Digest];

/** A store in which these are due until they are judged. */
function world(
  due: Digest[],
  rejudge: (digest: Digest) => Promise<object | null>,
  scanning: 'again' | 'never' = 'never',
) {
  const scans: { readonly digest: Digest; readonly end: (how: boolean | Error) => void }[] = [];
  const again = (digest: Digest): Promise<boolean> =>
    new Promise((resolve, reject) => {
      scans.push({ digest, end: (how) => (typeof how === 'boolean' ? resolve(how) : reject(how)) });
    });
  const judged: Digest[] = [];
  const told: Digest[] = [];
  const state = { clock: start, broken: false };
  const verdicts = new DueVerdicts({
    records: {
      dueVerdicts: (_at, limit) =>
        state.broken ? Promise.reject(new Error('the disk is gone')) : Promise.resolve(due.slice(0, limit)),
    },
    judge: {
      rejudge: async (digest) => {
        judged.push(digest);
        const result = await rejudge(digest);
        if (result !== null) due.splice(due.indexOf(digest), 1);
        return result as never;
      },
    },
    ...(scanning === 'again' ? { again } : {}),
    onChanged: (digests) => told.push(...digests),
    now: () => state.clock,
    logger: silentLogger,
  });
  return { verdicts, judged, told, state, scans };
}

describe('verdicts that time has overtaken', () => {
  let due: Digest[];
  beforeEach(() => {
    due = [one, two, three];
  });

  it('are made again once, and told', async () => {
    const { verdicts, judged, told } = world(due, () => Promise.resolve({}));
    await verdicts.turn();
    await verdicts.turn();
    expect([judged, told]).toEqual([
      [one, two, three],
      [one, two, three],
    ]);
  });

  it('of images that have to be inspected again first keep no other waiting, until the ground changes', async () => {
    const { verdicts, judged, told } = world(due, (digest) => Promise.resolve(digest === one ? null : {}));
    await verdicts.turn();
    await verdicts.turn();
    expect([judged, told]).toEqual([
      [one, two, three],
      [two, three],
    ]);
    verdicts.groundChanged();
    await verdicts.turn();
    expect(judged.at(-1)).toBe(one);
  });

  it('of one that cannot be judged keep no other waiting', async () => {
    const { verdicts, told } = world(due, (digest) =>
      digest === two ? Promise.reject(new Error('cannot be read')) : Promise.resolve({}),
    );
    await verdicts.turn();
    expect(told).toEqual([one, three]);
  });

  it('are tried again a minute after they could not be read, or when the clock was set back', async () => {
    const { verdicts, judged, state } = world(due, () => Promise.resolve({}));
    state.broken = true;
    await verdicts.turn();
    state.broken = false;
    await verdicts.turn();
    expect(judged).toEqual([]);
    state.clock -= 3_600_000;
    await verdicts.turn();
    expect(judged).toEqual([one, two, three]);
  });

  describe('where findings of another scanner end', () => {
    const settled = () => new Promise((resolve) => setImmediate(resolve));

    it('are made again by another scan, for which no turn waits', async () => {
      const { verdicts, told, scans } = world(due, () => Promise.resolve(null), 'again');
      await verdicts.turn();
      await verdicts.turn();
      expect([scans.map(({ digest }) => digest), told]).toEqual([[one, two, three], []]);
      scans[0]?.end(true);
      await settled();
      expect(told).toEqual([one]);
      // It is due again some day.
      await verdicts.turn();
      expect(scans.at(-1)?.digest).toBe(one);
    });

    it('are tried again after a while where the scanner is away', async () => {
      const { verdicts, scans, state } = world(due, () => Promise.resolve(null), 'again');
      await verdicts.turn();
      for (const scan of scans) scan.end(new Error('it is away'));
      await settled();
      await verdicts.turn();
      expect(scans).toHaveLength(3);
      state.clock += 5 * 60_000;
      await verdicts.turn();
      expect(scans).toHaveLength(6);
    });

    it('keep nobody waiting where the image cannot be had again', async () => {
      const { verdicts, scans } = world(due, () => Promise.resolve(null), 'again');
      await verdicts.turn();
      for (const scan of scans) scan.end(false);
      await settled();
      await verdicts.turn();
      expect(scans).toHaveLength(3);
    });
  });
});
