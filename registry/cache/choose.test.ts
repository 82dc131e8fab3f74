import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Digest } from '../../core/digest.ts';
import type { CachedBlob } from '../../core/ports/cache.ts';
import { chooseEvictions, type EvictionTerms, isOver } from './choose.ts';

const digestOf = (seed: number): Digest => `sha256:${seed.toString(16).padStart(64, '0')}` as Digest;
const blob = (seed: number, given: Partial<CachedBlob> = {}): CachedBlob => ({
  digest: digestOf(seed),
  size: 10,
  usedAt: seed,
  hosted: false,
  pinned: false,
  referenced: true,
  claimedAt: null,
  ...given,
});
const nothing: EvictionTerms = {
  unreferenced: false,
  claimedBefore: 100,
  usedBefore: null,
  excess: 0,
  pressure: 'quota',
};

describe('what is evicted', () => {
  it.each<
    [
      what: string,
      blobs: readonly CachedBlob[],
      terms: Partial<EvictionTerms>,
      gone: readonly [number, string][],
    ]
  >([
    ['nothing, where nothing has to', [blob(1), blob(2)], {}, []],
    [
      'the least recently used until there is room',
      [blob(1), blob(2), blob(3)],
      { excess: 11 },
      [
        [1, 'quota'],
        [2, 'quota'],
      ],
    ],
    ['by the disk’s need', [blob(1), blob(2)], { excess: 1, pressure: 'disk' }, [[1, 'disk']]],
    [
      'not what is pinned: the next one',
      [blob(1, { pinned: true }), blob(2)],
      { excess: 10 },
      [[2, 'quota']],
    ],
    [
      'not a hosted repository’s only copy',
      [blob(1, { hosted: true }), blob(2)],
      { excess: 10 },
      [[2, 'quota']],
    ],
    ['not what was pushed lately', [blob(1, { claimedAt: 100 }), blob(2)], { excess: 10 }, [[2, 'quota']]],
    [
      'what was pushed long ago and never named',
      [blob(1, { claimedAt: 99, referenced: false })],
      { unreferenced: true },
      [[1, 'unreferenced']],
    ],
    ['what is old', [blob(1), blob(5), blob(9)], { usedBefore: 5 }, [[1, 'age']]],
    [
      'old, but not what is pinned or hosted',
      [blob(1, { pinned: true }), blob(2, { hosted: true })],
      { usedBefore: 50 },
      [],
    ],
    [
      'what no manifest refers to',
      [blob(1, { referenced: false }), blob(2)],
      { unreferenced: true },
      [[1, 'unreferenced']],
    ],
    ['not what no manifest refers to yet', [blob(100, { referenced: false })], { unreferenced: true }, []],
    [
      'not an empty blob for room: it would make none',
      [blob(1, { size: 0 }), blob(2)],
      { excess: 5 },
      [[2, 'quota']],
    ],
  ])('is %s', (_, blobs, terms, gone) => {
    const chosen = chooseEvictions(blobs, { ...nothing, ...terms }, () => false);
    expect(chosen.map(({ blob: { usedAt }, reason }) => [usedAt, reason])).toEqual(gone);
  });

  it('is not what is in use', () => {
    const isHeld = (digest: Digest): boolean => digest === digestOf(1);
    expect(
      chooseEvictions([blob(1), blob(2)], { ...nothing, excess: 10 }, isHeld).map(
        ({ blob: { usedAt } }) => usedAt,
      ),
    ).toEqual([2]);
  });

  const blobs = fc
    .array(
      fc.record({
        size: fc.nat(1000),
        usedAt: fc.nat(200),
        hosted: fc.boolean(),
        pinned: fc.boolean(),
        referenced: fc.boolean(),
        claimedAt: fc.option(fc.nat(200)),
        held: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    .map((list) =>
      list.sort((a, b) => a.usedAt - b.usedAt).map((one, index) => ({ ...one, digest: digestOf(index) })),
    );
  const terms = fc.record({
    unreferenced: fc.boolean(),
    claimedBefore: fc.nat(200),
    usedBefore: fc.option(fc.nat(200)),
    excess: fc.nat(20_000),
    pressure: fc.constantFrom('quota' as const, 'disk' as const, 'asked' as const),
  });

  it('is never protected, and never more for room than it takes', () => {
    fc.assert(
      fc.property(blobs, terms, (list, asked) => {
        const held = new Set(list.filter((one) => one.held).map(({ digest }) => digest));
        const chosen = chooseEvictions(list, asked, (digest) => held.has(digest));
        for (const { blob: one } of chosen) {
          expect([one.hosted, one.pinned, held.has(one.digest)]).toEqual([false, false, false]);
          expect(one.claimedAt === null || one.claimedAt < asked.claimedBefore).toBe(true);
        }
        const last = chosen.findLastIndex(({ reason }) => reason === asked.pressure);
        const before = chosen.slice(0, Math.max(0, last)).reduce((sum, { blob: one }) => sum + one.size, 0);
        expect(last < 0 || before < asked.excess).toBe(true);
      }),
    );
  });

  it('leaves nothing behind the end that could have gone', () => {
    fc.assert(
      fc.property(blobs, terms, (list, asked) => {
        let freed = 0;
        for (const one of list) {
          const [chosen] = chooseEvictions([one], { ...asked, excess: asked.excess - freed }, () => false);
          if (isOver(one.usedAt, asked, freed)) expect(chosen).toBeUndefined();
          freed += chosen === undefined ? 0 : one.size;
        }
      }),
    );
  });
});
