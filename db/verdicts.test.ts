import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JudgedEntry } from '../core/ports/verdicts.ts';
import type { Verdict } from '../core/verdict.ts';
import { entryOf, packEvaluated, type StandingRow } from './evaluated.ts';
import { at, blocker, digest, judged, manifest, nginx, team, verdict } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';
import { markOf } from './verdict-row.ts';

const a = digest('a');
const standing = (before: Verdict, version: number): StandingRow => ({
  version,
  status: before.status,
  mark: markOf(before).mark,
  verdict: () => before,
});

describe.each(engines)('standing verdicts in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  const put = (entry: JudgedEntry, minute: number): Promise<void> => stores.putVerdicts([entry], at(minute));
  const kinds = async (): Promise<readonly string[]> =>
    (await stores.changesAfter(0, 100)).map((change) => change.kind);

  const denies: Partial<Verdict> = {
    status: 'fail',
    reasons: ['one', 'two', 'three', 'four', 'five', 'six'],
    blockers: { complete: true, list: [blocker('DSA-1', 'CVE-2026-1'), blocker('CVE-2026-2')] },
  };
  it.each<[string, Partial<Verdict>, Partial<Verdict>, readonly string[]]>([
    ['the same again', {}, { evaluatedAt: at(9) }, ['verdict']],
    ['another time until which it holds', {}, { validUntil: at(90) }, ['verdict', 'renewal']],
    ['another revision of the advisories', {}, { advisoriesRevision: 'a2' }, ['verdict', 'renewal']],
    ['another status', {}, denies, ['verdict', 'verdict']],
    ['another reason', denies, { ...denies, reasons: ['else'] }, ['verdict', 'verdict']],
    ['another policy', {}, { policy: 'strict' }, ['verdict', 'verdict']],
  ])('tell the stream of %s what it is', async (_what, before, after, expected) => {
    await put(judged(a, before), 1);
    await put(judged(a, after, 'advisories'), 2);
    expect(await kinds()).toEqual(expected);
    const standing = await stores.getVerdict(a, after.policy ?? 'baseline');
    expect(standing).toEqual(verdict(expected.length === 1 ? before : after));
  });

  it('tell what has changed, and by which names the image is known then', async () => {
    await stores.putManifest(nginx, manifest);
    await put(judged(a, { status: 'warn', blockers: { complete: true, list: [blocker('CVE-2026-2')] } }), 1);
    await stores.putManifest(team, manifest);
    await put(judged(a, denies, 'advisories'), 2);
    expect((await stores.changesAfter(1, 10))[0]).toEqual({
      // In between, who reads along was told of the other name.
      cursor: 3,
      kind: 'verdict',
      at: at(2),
      digest: a,
      policy: 'baseline',
      images: ['docker.io/library/nginx', 'registry.corp/team/app'],
      from: 'warn',
      to: 'fail',
      cause: 'advisories',
      reasons: ['one', 'two', 'three', 'four', 'five'],
      newlyDenying: ['CVE-2026-1'],
    });
  });

  it('name twenty of those that newly deny', async () => {
    const list = Array.from({ length: 30 }, (_, index) => blocker(`CVE-2026-${index}`));
    await put(judged(a, { status: 'fail', blockers: { complete: true, list } }), 1);
    expect((await stores.changesAfter(0, 10))[0]).toMatchObject({
      from: null,
      newlyDenying: list.slice(0, 20).map((one) => one.finding?.id),
    });
  });

  it('keep one renewal of each, and a cursor is never used twice', async () => {
    await put(judged(a), 1);
    for (let minute = 2; minute < 12; minute += 1)
      await put(judged(a, { validUntil: at(100 + minute) }), minute);
    expect((await stores.changesAfter(0, 100)).map(({ cursor, kind }) => [cursor, kind])).toEqual([
      [1, 'verdict'],
      [11, 'renewal'],
    ]);
    await put(judged(a, denies, 'time'), 20);
    await stores.keepPolicies([]);
    stores = await engine.reopen();
    await put(judged(a, denies), 21);
    expect(await stores.lastCursor()).toBe(13);
    expect((await stores.changesAfter(11, 10)).map(({ cursor }) => cursor)).toEqual([12, 13]);
  });

  it('say since when an image has its status', async () => {
    await put(judged(a, { status: 'fail', reasons: ['one'] }), 1);
    await put(judged(a, { status: 'fail', reasons: ['two'] }), 2);
    expect((await stores.verdictsOf(a)).map(({ since }) => since)).toEqual([at(1)]);
    await put(judged(a, { status: 'warn' }), 3);
    expect((await stores.verdictsOf(a)).map(({ since }) => since)).toEqual([at(3)]);
  });

  it('are listed the worst first, then by the newest change, and paged by digest and policy', async () => {
    const all: [number, Verdict['status']][] = [
      [1, 'pass'],
      [2, 'fail'],
      [3, 'warn'],
      [4, 'error'],
      [5, 'fail'],
    ];
    for (const [image, status] of all) await put(judged(digest(image), { status }), image);
    await put(judged(digest(1), { policy: 'strict', status: 'pass' }), 9);
    const listed = await stores.listVerdicts(5);
    expect(listed.map((one) => [one.digest, one.policy])).toEqual([
      [digest(5), 'baseline'],
      [digest(2), 'baseline'],
      [digest(4), 'baseline'],
      [digest(3), 'baseline'],
      [digest(1), 'strict'],
    ]);
    const first = await stores.pageVerdicts(null, 2);
    const second = await stores.pageVerdicts(first.at(-1) ?? null, 2);
    expect([...first, ...second].map((one) => [one.digest, one.policy])).toEqual([
      [digest(1), 'baseline'],
      [digest(1), 'strict'],
      [digest(2), 'baseline'],
      [digest(3), 'baseline'],
    ]);
  });

  it('are due when time overtakes the earlier of both times, the longest first', async () => {
    await put(judged(digest(1), { validUntil: at(30), next: { at: at(20), status: 'fail' } }), 1);
    await put(judged(digest(2), { validUntil: at(10) }), 1);
    await put(judged(digest(2), { policy: 'strict', validUntil: at(11) }), 1);
    await put(judged(digest(3)), 1);
    await put(judged(digest(4), { validUntil: at(15).replace('.000Z', 'Z') }), 1);
    expect(await stores.nextDue()).toBe(at(10));
    expect(await stores.dueVerdicts(at(9), 10)).toEqual([]);
    expect(await stores.dueVerdicts(at(20), 10)).toEqual([digest(2), digest(4), digest(1)]);
    expect(await stores.dueVerdicts(at(20), 2)).toEqual([digest(2), digest(4)]);
  });

  it('of policies that are no more are forgotten, their history is not', async () => {
    await put(judged(a), 1);
    await put(judged(a, { policy: 'strict' }), 2);
    await put(judged(a, { policy: 'strict', validUntil: at(90) }), 3);
    await stores.keepPolicies(['baseline']);
    expect((await stores.verdictsOf(a)).map(({ policy }) => policy)).toEqual(['baseline']);
    expect(await kinds()).toEqual(['verdict', 'verdict']);
  });

  it('made elsewhere are written where nobody was quicker', async () => {
    await put(judged(a), 1);
    const before = standing(verdict(), await stores.lastCursor());
    expect(entryOf(before, judged(a))).toBeNull();
    const entry = entryOf(before, judged(a, denies, 'policy'));
    const fresh = entryOf(null, judged(digest('c'), {}, 'first'));
    if (entry === null || fresh === null) throw new Error('nothing to write');
    const batch = packEvaluated([entry, fresh]);
    expect(await stores.putEvaluated(batch, at(2))).toEqual({ written: 2, overtaken: [] });
    expect(await stores.putEvaluated(batch, at(3))).toEqual({ written: 0, overtaken: [a, digest('c')] });
    expect(await stores.getVerdict(a, 'baseline')).toEqual(verdict(denies));
    // A row that was deleted and made again is another one, though it says the same.
    await stores.keepPolicies([]);
    await put(judged(a), 4);
    expect((await stores.putEvaluated(packEvaluated([entry]), at(5))).overtaken).toEqual([a]);
  });

  it('are read as they were put, however often they are renewed or changed', async () => {
    const summary = { ...verdict().summary, fixable: 4 };
    const steps: readonly Partial<Verdict>[] = [
      denies,
      { ...denies, policyRevision: 'p2', evaluatedAt: at(2) },
      { ...denies, policyRevision: 'p3', evaluatedAt: at(3), validUntil: at(40) },
      {
        ...denies,
        policyRevision: 'p3',
        scanner: 'deb/2',
        evaluatedAt: at(4),
        next: { at: at(30), status: 'error' },
      },
      { ...denies, policyRevision: 'p3', evaluatedAt: at(5), summary },
      { ...denies, policyRevision: 'p4', evaluatedAt: at(6), summary },
      { status: 'warn', policyRevision: 'p4', evaluatedAt: at(7) },
      { status: 'warn', policyRevision: 'p5', evaluatedAt: at(8) },
    ];
    const due = [null, null, at(40), at(30), null, null, null, null];
    for (const [step, given] of steps.entries()) {
      await put(judged(a, given, 'policy'), step);
      await put(judged(digest('c'), given, 'policy'), step);
      expect(await stores.getVerdict(a, 'baseline')).toEqual(verdict(given));
      expect((await stores.listVerdicts(1))[0]?.verdict).toEqual(verdict(given));
      expect((await stores.pageVerdicts(null, 1))[0]?.verdict).toEqual(verdict(given));
      expect(await stores.nextDue()).toBe(due[step]);
    }
    stores = await engine.reopen();
    expect(await stores.getVerdict(a, 'baseline')).toEqual(verdict(steps.at(-1)));
    expect(await kinds()).toEqual(['verdict', 'verdict', 'verdict', 'verdict', 'renewal', 'renewal']);
  });

  it('made elsewhere write no text where they say the same, and are refused where another stands', async () => {
    await put(judged(a, denies), 1);
    const before = standing(verdict(denies), await stores.lastCursor());
    const renewed = { ...denies, policyRevision: 'p2', validUntil: at(50), evaluatedAt: at(2) };
    const entry = entryOf(before, judged(a, renewed, 'policy'));
    const told = entryOf(
      before,
      judged(a, { ...renewed, coverage: [], summary: { ...verdict().summary, fixable: 1 } }),
    );
    if (entry === null || told === null) throw new Error('nothing to write');
    expect([entry.text, entry.change, told.text === null, told.change]).toEqual([null, null, false, null]);
    expect(await stores.putEvaluated(packEvaluated([entry]), at(2))).toEqual({ written: 1, overtaken: [] });
    expect(await stores.getVerdict(a, 'baseline')).toEqual(verdict(renewed));
    expect((await stores.putEvaluated(packEvaluated([told, entry]), at(3))).overtaken).toEqual([a]);
    expect(await stores.getVerdict(a, 'baseline')).toEqual(verdict(renewed));
    expect([await stores.nextDue(), await kinds()]).toEqual([at(50), ['verdict', 'renewal']]);
    // Where nothing stands there is nothing whose text could stay.
    await stores.keepPolicies([]);
    expect((await stores.putEvaluated(packEvaluated([entry]), at(4))).overtaken).toEqual([a]);
    expect(await stores.getVerdict(a, 'baseline')).toBeNull();
  });

  it('of ten thousand images come and go in batches', async () => {
    const size = 500;
    for (let first = 0; first < 10_000; first += size) {
      const entries = Array.from({ length: size }, (_, index) => judged(digest(first + index)));
      await stores.putVerdicts(entries, at(1));
    }
    let pages = 0;
    let after: Awaited<ReturnType<Stores['pageVerdicts']>>[number] | null = null;
    for (;;) {
      const page: Awaited<ReturnType<Stores['pageVerdicts']>> = await stores.pageVerdicts(after, size);
      after = page.at(-1) ?? null;
      if (after === null) break;
      pages += 1;
    }
    expect([pages, await stores.lastCursor()]).toEqual([20, 10_000]);
  });
});
