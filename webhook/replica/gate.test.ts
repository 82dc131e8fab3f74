import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import { everywhere, type GrantedException } from '../../core/exception.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import { replicaSchemaVersion } from '../../core/replica.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { asker, granted } from '../../policy/bindings/samples.ts';
import { Asking } from './asking.ts';
import { believeImages, believePage } from './believe.ts';
import { Breaker } from './breaker.ts';
import type { ProxyAnswer } from './client.ts';
import { Contact } from './contact.ts';
import { ReplicaGate } from './gate.ts';
import { Knowledge } from './knowledge.ts';
import {
  address,
  digestOf,
  groundOf,
  imageEntry,
  imagePage,
  MemoryStore,
  page,
  SaidProxy,
  start,
  verdictEntry,
} from './samples.ts';
import { UnreadTold } from './unread.ts';

const minute = 60_000;
const good = digestOf('a');
const bad = digestOf('b');
const odd = digestOf('c');
const unknown = digestOf('d');

interface Stage {
  readonly gate: ReplicaGate;
  readonly proxy: SaidProxy;
  readonly store: MemoryStore;
  turn(milliseconds: number): void;
  /** Whether it is let in, and why not. @param pointer a tag or a digest */
  asks(pointer: string): Promise<readonly [boolean, string]>;
}

const away = (): Promise<ProxyAnswer> =>
  Promise.reject(new PratiqueError('proxy-unreachable', 'nobody answers'));

/** A gate that has heard of three images, one of which it could not read. @param binding in YAML */
function stageOf(
  binding: string,
  vet: (() => ProxyAnswer | Promise<ProxyAnswer>)[] = [away],
  exceptions: readonly GrantedException[] = [],
): Stage {
  let at = start;
  const now = (): number => at;
  const store = new MemoryStore();
  const misfit = { ...verdictEntry(odd, 'fail'), verdict: { status: 'odd' } };
  const read = { records: 'one', cursor: 3, isLast: true };
  const told = page([verdictEntry(good, 'pass'), verdictEntry(bad, 'fail'), misfit], 3);
  store.putChanges(believePage(told, 0, at).verdicts, [], read);
  const images = [imageEntry(good, 'good'), imageEntry(bad, 'bad'), imageEntry(odd, 'odd')];
  store.putImages(believeImages(imagePage(images, 3), 0).images, [], read, at);
  store.putHeardAt(at);
  const proxy = new SaidProxy({ '/gates/v1/vet': vet });
  const contact = new Contact({ now, logger: silentLogger });
  const knowledge = new Knowledge(store, now);
  const breaker = new Breaker(now);
  const unread = new UnreadTold(silentLogger);
  const asking = new Asking({ client: proxy, store, knowledge, contact, breaker, unread, now });
  const held = groundOf(binding);
  const ground = { ...held, rulebook: makeRulebook(held.rulebook.set, exceptions) };
  const parts = { store, knowledge, asking, contact, ground: () => ground, tagsFor: 5 * minute, now };
  const gate = new ReplicaGate(parts);
  return {
    ...{ gate, proxy, store },
    turn: (milliseconds) => {
      at += milliseconds;
    },
    asks: async (pointer) => {
      const digest = parseDigest(pointer);
      const found = await gate.find(
        address,
        digest === null ? { kind: 'tag', tag: pointer } : { kind: 'digest', digest },
        1000,
        asker(),
      );
      const { allowed, reasons } = await found.settled(asker(), 1000);
      return [allowed, reasons.join('; ')];
    },
  };
}

const vetted =
  (status: 'pass' | 'fail', pointer: string, digest = unknown) =>
  (): ProxyAnswer => ({
    status: 200,
    value: {
      ...{ schemaVersion: replicaSchemaVersion, asked: { upstream: 'corp', path: 'team/app', pointer } },
      ...{ image: imageEntry(digest), verdicts: [verdictEntry(digest, status)], failures: [], failure: null },
    },
  });

describe('an image', () => {
  it.each<readonly [string, string, string, boolean, RegExp, number]>([
    ['that is known to pass is let in, with nobody to be asked', 'id: a', good, true, /^/, 0],
    ['that is known to fail is refused, with nobody to be asked', 'id: a', bad, false, /says fail/, 0],
    ['whose verdict could not be read is refused', 'id: a', odd, false, /cannot be read here/, 0],
    [
      'whose verdict could not be read is no unknown one',
      'id: a, unknownImage: allow',
      odd,
      false,
      /cannot be read here/,
      0,
    ],
    ['that is unknown is refused, once the proxy was asked', 'id: a', unknown, false, /the proxy is away/, 1],
    ['that is unknown is up to the binding', 'id: a, unknownImage: allow', unknown, true, /unknownImage/, 1],
  ])('%s', async (_what, binding, digest, allowed, why, asked) => {
    const { asks, proxy } = stageOf(binding);
    expect(await asks(digest)).toEqual([allowed, expect.stringMatching(why)]);
    expect(proxy.asked).toHaveLength(asked);
  });

  it.each([
    ['past its time', 'id: a', { validUntil: '2026-06-01T12:05:00.000Z' }, /its verdict held until/],
    ['that is too old', 'id: a, maxAge: 5m', {}, /the proxy was heard of last/],
  ])('is not let in by an exception from a refusal %s', async (_what, binding, fields, why) => {
    const { asks, store, turn } = stageOf(
      binding,
      [away],
      [granted({ scope: { ...everywhere, gates: ['admission'] } })],
    );
    const read = { records: 'one', cursor: 4, isLast: true };
    store.putChanges([verdictEntry(bad, 'fail', fields)], [], read);
    expect((await asks(bad))[0]).toBe(true);
    turn(6 * minute);
    expect(await asks(bad)).toEqual([false, expect.stringMatching(why)]);
  });

  it('that was refused is not let in as an unknown one, however long the proxy has been away', async () => {
    const { asks, proxy, turn } = stageOf('id: a, maxAge: 5m, unknownImage: allow');
    turn(6 * minute);
    expect(await asks(bad)).toEqual([false, expect.stringMatching(/says fail/)]);
    expect(await asks(good)).toEqual([true, expect.stringMatching(/unknownImage/)]);
    expect(proxy.asked).toHaveLength(2);
  });

  it.each([
    ['pass', true],
    ['fail', false],
  ] as const)('that is unknown is vetted, and known from then on: %s', async (status, allowed) => {
    const { asks, proxy } = stageOf('id: a', [vetted(status, unknown)]);
    expect((await asks(unknown))[0]).toBe(allowed);
    expect((await asks(unknown))[0]).toBe(allowed);
    expect(proxy.asked).toHaveLength(1);
  });

  it('is not let in by an answer for another one', async () => {
    const { asks } = stageOf('id: a', [vetted('pass', unknown, good)]);
    expect(await asks(unknown)).toEqual([false, expect.stringMatching(/not believed/)]);
  });
});

describe('maxAge of a binding', () => {
  it('closes what is known once the proxy was not heard of for so long, and never opens', async () => {
    const { asks, turn } = stageOf('id: a, maxAge: 10m');
    turn(10 * minute);
    expect((await asks(good))[0]).toBe(true);
    turn(1);
    expect(await asks(good)).toEqual([
      false,
      expect.stringMatching(/acted on for 10m at most.*the proxy is away/),
    ]);
    expect((await asks(bad))[0]).toBe(false);
    expect((await asks(odd))[0]).toBe(false);
  });

  it('counts from when the image was asked for, not from when the answer came', async () => {
    let late = 0;
    const slow = (): ProxyAnswer => {
      stage.turn(late);
      return vetted('pass', good, good)();
    };
    const stage = stageOf('id: a, maxAge: 10m', [slow]);
    stage.turn(60 * minute);
    late = 9 * minute;
    expect((await stage.asks(good))[0]).toBe(true);
    stage.turn(minute + 1);
    late = 11 * minute;
    expect((await stage.asks(good))[0]).toBe(false);
  });
});

describe('a tag', () => {
  it('means what was heard last where the proxy does not answer', async () => {
    const { asks, proxy } = stageOf('id: a');
    expect((await asks('good'))[0]).toBe(true);
    expect((await asks('bad'))[0]).toBe(false);
    expect(proxy.asked).toHaveLength(2);
    await expect(asks('never')).rejects.toThrow(
      /what registry.corp\/team\/app:never means is not known here/,
    );
  });

  it('that was heard is not asked again for a while, counted from the question', async () => {
    const { asks, proxy, turn } = stageOf('id: a', [vetted('pass', 'good', good)]);
    for (const [pause, asked] of [
      [0, 1],
      [5 * minute - 1, 1],
      [1, 2],
    ] as const) {
      turn(pause);
      expect((await asks('good'))[0]).toBe(true);
      expect(proxy.asked).toHaveLength(asked);
    }
  });
});
