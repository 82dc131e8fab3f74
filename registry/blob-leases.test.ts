import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { BlobLeases } from './blob-leases.ts';

const [a, b] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}` as Digest) as [Digest, Digest];

/** A piece of work that ends when it is told to. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('blobs in use', () => {
  it('are not removed while anybody uses them, and are after the last one', async () => {
    const leases = new BlobLeases();
    const [first, second] = [gate(), gate()];
    const uses = [leases.during([a, b], () => first.opened), leases.during([a], () => second.opened)];
    await sleep(1);
    const free = (): Promise<readonly Digest[]> => leases.removing([a, b], (left) => Promise.resolve(left));
    expect(await free()).toEqual([]);
    first.open();
    await uses[0];
    expect(await free()).toEqual([b]);
    second.open();
    await uses[1];
    expect(await free()).toEqual([a, b]);
  });

  it('are waited for where they are just being removed', async () => {
    const leases = new BlobLeases();
    const removal = gate();
    const order: string[] = [];
    const removing = leases.removing([a], async () => {
      await removal.opened;
      order.push('removed');
    });
    const using = leases.during([b, a], () => {
      order.push('used');
      return Promise.resolve();
    });
    await sleep(1);
    expect(order).toEqual([]);
    removal.open();
    await Promise.all([removing, using]);
    expect(order).toEqual(['removed', 'used']);
  });

  it('are removed by one at a time', async () => {
    const leases = new BlobLeases();
    const removal = gate();
    const first = leases.removing([a], () => removal.opened);
    expect(await leases.removing([a, b], (free) => Promise.resolve(free))).toEqual([b]);
    removal.open();
    await first;
    expect(await leases.removing([a], (free) => Promise.resolve(free))).toEqual([a]);
  });

  it('are given back when the work fails, on either side', async () => {
    const leases = new BlobLeases();
    await expect(leases.during([a], () => Promise.reject(new Error('work')))).rejects.toThrow('work');
    await expect(leases.removing([a], () => Promise.reject(new Error('removal')))).rejects.toThrow('removal');
    expect(await leases.during([a], () => Promise.resolve('used'))).toBe('used');
  });

  it('tell of their use at its beginning and at its end', async () => {
    const told: Digest[] = [];
    const leases = new BlobLeases((digest) => told.push(digest));
    await leases.during([a], () => Promise.resolve());
    expect(told).toEqual([a, a]);
  });
});
