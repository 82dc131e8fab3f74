import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { HeldTag } from '../../core/ports/replica.ts';
import { Asking } from './asking.ts';
import { Breaker } from './breaker.ts';
import type { ProxyClient } from './client.ts';
import { Contact } from './contact.ts';
import { ReplicaGate } from './gate.ts';
import type { Ground } from './ground.ts';
import { Knowledge } from './knowledge.ts';

const address = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
const digest = `sha256:${'a'.repeat(64)}` as Digest;
const full = new PratiqueError('storage-full', '/data/replica.db cannot be written: the disk is full');
const answer = {
  schemaVersion: 1,
  asked: { upstream: 'corp', path: 'team/app', pointer: '1.0' },
  image: { repository: address, digest, tags: [], platforms: [{ platform: null, digest }], unfit: [] },
  ...{ verdicts: [], failures: [], failure: null },
};

/** A gate before a proxy that answers, on a disk that takes nothing; `held` is what was heard of the tag long ago. */
function standing(held: HeldTag | null, ask: ProxyClient['ask']) {
  const told: object[] = [];
  const tell = (fields: object): void => void told.push(fields);
  const logger = { debug: tell, info: tell, warn: tell, error: tell } as unknown as Logger;
  const heard: string[] = [];
  const contact = new Contact({ now: () => 0, logger, onAnswer: (_what, how) => heard.push(how) });
  const knowledge = new Knowledge({ verdict: () => null, heardAt: () => 0 }, () => 0);
  const store = {
    putVetted: () => {
      throw full;
    },
    dropTag: () => undefined,
    image: () => null,
    tag: () => held,
  };
  const client = { ask, close: () => undefined } as unknown as ProxyClient;
  const breaker = new Breaker(() => 0);
  const asking = new Asking({
    client,
    store,
    knowledge,
    contact,
    breaker,
    unread: { add: () => undefined },
    now: () => 1_000_000,
  });
  const gate = new ReplicaGate({
    ...{ store, knowledge, asking, contact, tagsFor: 60_000, now: () => 1_000_000 },
    ground: () => ({}) as Ground,
  });
  const find = (): Promise<unknown> =>
    gate.find(address, { kind: 'tag', tag: '1.0' }, 5000, { namespace: 'shop' });
  return { find, contact, heard, told };
}

const answers = (): Promise<never> => Promise.resolve({ status: 200, value: answer }) as Promise<never>;
const isAway = (): Promise<never> =>
  Promise.reject(new PratiqueError('proxy-unreachable', 'connect ECONNREFUSED'));

describe('a disk that is full', () => {
  it.each<readonly [string, HeldTag | null]>([
    ['nobody has heard of', null],
    ['was heard of long ago: the answer may be that it is refused by now', { digest, heardAt: 0 }],
  ])('an image that %s is not known, and it is said why', async (_what, held) => {
    const at = standing(held, answers);
    // More often than a proxy may fail: it is there, so it is asked each time.
    for (let n = 0; n < 5; n += 1) {
      await expect(at.find()).rejects.toThrow(
        /^what .* means is not known here: what the proxy says cannot be kept: \/data\/replica\.db cannot be written: the disk is full \(since /,
      );
    }
    expect(at.heard).toEqual(Array.from({ length: 5 }, () => 'not-kept'));
    expect(at.contact.problems()).toHaveLength(1);
    expect(at.told).toHaveLength(1);
  });

  it('while the proxy is away stops nothing that was heard before', async () => {
    const at = standing({ digest, heardAt: 0 }, isAway);
    await expect(at.find()).resolves.toMatchObject({ digest });
  });
});

describe('problems with the proxy', () => {
  it('are told once, since when they began, whatever was asked for', () => {
    let now = Date.UTC(2026, 10, 30);
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const contact = new Contact({ now: () => now, logger: quiet as unknown as Logger });
    for (const what of ['changes', 'vet', 'tell'] as const) {
      contact.failed(what, new PratiqueError('proxy-unreachable', 'connect ECONNREFUSED'));
      now += 4000;
    }
    expect(contact.problems()).toEqual([
      'the proxy is away: connect ECONNREFUSED (since 2026-11-30T00:00:00.000Z)',
    ]);
  });
});
