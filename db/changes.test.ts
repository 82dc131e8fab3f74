import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Change } from '../core/change.ts';
import type { FinalStatus } from '../core/verdict.ts';
import { at, digest, judged } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';

const a = digest('a');
const b = digest('b');
const day = (number: number): string => `2026-01-0${number}T12:00:00.000Z`;

describe.each(engines)('the log of changes in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  const says = (image: typeof a, status: FinalStatus, when: string, policy = 'baseline'): Promise<void> =>
    stores.putVerdicts([judged(image, { status, policy }, 'advisories')], when);
  const brief = (changes: readonly Change[]): readonly string[] =>
    changes.map((change) =>
      change.kind === 'verdict' ? `${change.from ?? '-'} > ${change.to}` : change.kind,
    );

  it('is empty at first, and goes on after a cursor', async () => {
    expect([await stores.lastCursor(), await stores.changesAfter(0, 10)]).toEqual([0, []]);
    await stores.putChange({ kind: 'policy', at: at(1), subject: 'p2', note: 'The policy was replaced.' });
    await says(a, 'pass', at(2));
    expect(await stores.changesAfter(0, 1)).toEqual([
      { cursor: 1, kind: 'policy', at: at(1), subject: 'p2', note: 'The policy was replaced.' },
    ]);
    expect(brief(await stores.changesAfter(1, 10))).toEqual(['- > pass']);
    expect(await stores.changesAfter(2, 10)).toEqual([]);
  });

  it('gives the history of one image, of one policy, from a time on', async () => {
    await says(a, 'pass', day(1));
    await says(b, 'warn', day(2));
    await says(a, 'fail', day(3));
    await says(a, 'error', day(4), 'strict');
    await stores.putVerdicts([judged(b, { status: 'warn', validUntil: day(9) }, 'time')], day(5));
    const all = { digest: null, policy: null, from: null, limit: 10 };
    for (const [asked, expected] of [
      [all, ['- > pass', '- > warn', 'pass > fail', '- > error']],
      [{ ...all, limit: 2 }, ['- > pass', '- > warn']],
      [{ ...all, digest: a }, ['- > pass', 'pass > fail', '- > error']],
      [{ ...all, digest: a, policy: 'strict' }, ['- > error']],
      [{ ...all, policy: 'baseline', from: day(2) }, ['- > warn', 'pass > fail']],
      [{ ...all, digest: b, from: day(3) }, []],
    ] as const) {
      expect(brief(await stores.history(asked))).toEqual(expected);
    }
  });

  it('counts images by status at the end of each day', async () => {
    await says(a, 'pass', day(1));
    await says(b, 'pass', day(2));
    await says(a, 'warn', day(4));
    await says(a, 'fail', day(4));
    await says(b, 'pass', day(4), 'strict');
    const days = await stores.statusByDay('baseline', day(1), day(5));
    expect(days.map(({ day: name, counts }) => [name, counts.pass, counts.warn, counts.fail])).toEqual([
      ['2026-01-01', 1, 0, 0],
      ['2026-01-02', 2, 0, 0],
      ['2026-01-03', 2, 0, 0],
      ['2026-01-04', 1, 0, 1],
      ['2026-01-05', 1, 0, 1],
    ]);
    expect(await stores.statusByDay('baseline', day(5), day(5))).toEqual(days.slice(4));
    expect(await stores.statusByDay('baseline', '1970-01-01', day(5))).toHaveLength(400);
  });

  it('counts an image once though its policy was gone for a while', async () => {
    await says(a, 'pass', day(1));
    await stores.keepPolicies([]);
    await says(a, 'fail', day(2));
    const [, last] = await stores.statusByDay('baseline', day(1), day(2));
    expect(last?.counts).toEqual({ pass: 0, warn: 0, fail: 1, error: 0 });
  });

  it('forgets what is old, but not what was said last of an image, nor any count', async () => {
    await says(a, 'pass', day(1));
    await says(a, 'warn', day(2));
    await says(a, 'fail', day(3));
    await says(b, 'pass', day(1));
    const before = await stores.statusByDay('baseline', day(1), day(4));
    expect(await stores.forgetChangesBefore(day(3))).toBe(2);
    expect(await stores.forgetChangesBefore(day(9))).toBe(0);
    expect(brief(await stores.history({ digest: null, policy: null, from: null, limit: 9 }))).toEqual([
      '- > pass',
      'warn > fail',
    ]);
    expect(await stores.statusByDay('baseline', day(1), day(4))).toEqual(before);
  });

  it('has followers that go on where they were, and the policy that was last good, after a restart too', async () => {
    expect([await stores.followerCursor('events'), await stores.goodPolicy()]).toEqual([0, null]);
    await stores.putFollowerCursor('events', 7);
    await stores.putFollowerCursor('events', 9);
    await stores.putGoodPolicy('{"rules":[]}');
    stores = await engine.reopen();
    expect([await stores.followerCursor('events'), await stores.goodPolicy()]).toEqual([9, '{"rules":[]}']);
  });
});
