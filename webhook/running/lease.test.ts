import { describe, expect, it } from '@jest/globals';
import { mayTake, type SeenLease, seenNow } from './lease.ts';

const seen = (given: Partial<SeenLease> = {}): SeenLease => ({
  ...{ holder: 'other', renewed: 'a', seenAt: 0, lasts: 30_000 },
  ...given,
});

describe('the lease of who looks after a cluster', () => {
  it.each<[string, SeenLease, number, boolean]>([
    ['is not taken while its holder renews it', seen(), 30_000, false],
    ['is taken when nobody has renewed it for as long as it lasts', seen(), 30_001, true],
    ['is taken where it was given back', seen({ holder: '' }), 0, true],
    ["is renewed where it is one's own", seen({ holder: 'me' }), 0, true],
  ])('%s', (_what, lease, ticks, expected) => {
    expect(mayTake(lease, 'me', ticks)).toBe(expected);
  });

  it.each<[string, string, string, number]>([
    ['counts from when it was seen first', 'other', 'a', 0],
    ['begins anew when it is renewed, whatever time its holder writes', 'other', 'b', 9],
    ['begins anew with another holder', 'third', 'a', 9],
  ])('%s', (_what, holderIdentity, renewTime, seenAt) => {
    const spec = { holderIdentity, renewTime, leaseDurationSeconds: 30 };
    expect(seenNow(seen(), { metadata: { resourceVersion: '1' }, spec }, 9).seenAt).toBe(seenAt);
  });

  it.each([
    [0, 1000],
    [1e9, 600_000],
  ])(
    'of %d seconds is held for %d milliseconds: nobody may hold it for ever',
    (leaseDurationSeconds, lasts) => {
      const spec = { holderIdentity: 'other', renewTime: 'a', leaseDurationSeconds };
      expect(seenNow(null, { metadata: { resourceVersion: '1' }, spec }, 9).lasts).toBe(lasts);
    },
  );
});
