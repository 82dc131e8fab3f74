import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Records } from '../core/ports/records.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Judge } from './judge.ts';
import { Sweep } from './sweep.ts';

const digests = ['a', 'b', 'c'].flatMap((letter) => parseDigest(`sha256:${letter.repeat(64)}`) ?? []);
const verdict = (status: Verdict['status']): Verdict =>
  ({ status, reasons: ['a reason'] }) as unknown as Verdict;

function world(after: (digest: Digest) => Verdict | null) {
  const judged: Digest[] = [];
  const changes: object[] = [];
  const records: Pick<Records, 'inventoried' | 'getVerdict'> = {
    inventoried: () => Promise.resolve(digests),
    getVerdict: () => Promise.resolve(verdict('pass')),
  };
  const judge: Pick<Judge, 'rejudge'> = {
    rejudge: (digest) => {
      judged.push(digest);
      return Promise.resolve().then(() => after(digest));
    },
  };
  const sweep = new Sweep({
    records: records as Records,
    judge: judge as Judge,
    analyzers: 'x',
    logger: { ...silentLogger, warn: (fields, message) => changes.push({ ...fields, message }) },
  });
  return { sweep, judged, changes };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('the sweep', () => {
  it('judges every recorded image again and tells which verdicts changed', async () => {
    const { sweep, judged, changes } = world((digest) => verdict(digest === digests[1] ? 'fail' : 'pass'));
    sweep.start();
    await settle();
    expect(judged).toEqual(digests);
    expect(changes).toEqual([
      { digest: digests[1], from: 'pass', to: 'fail', reason: 'a reason', message: 'verdict changed' },
    ]);
  });

  it('goes on after an image that cannot be judged', async () => {
    const { sweep, judged, changes } = world((digest) => {
      if (digest === digests[0]) throw new Error('no advisories');
      return verdict('pass');
    });
    sweep.start();
    await settle();
    expect(judged).toEqual(digests);
    expect(changes).toHaveLength(1);
  });

  it('ends a round that is out of date, and stops when it is told to', async () => {
    const { sweep, judged } = world(() => verdict('pass'));
    sweep.start();
    sweep.start();
    await sweep.stop();
    expect(judged.length).toBeLessThan(2 * digests.length);
  });
});
