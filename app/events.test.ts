import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { noProxies } from '../core/http-proxy.ts';
import type { FeedProblem } from '../core/ports/advisories.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Message } from '../events/message.ts';
import { pullRefused } from '../events/refusals.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { type EventsOptions, type RunningEvents, startEvents } from './events.ts';
import { granted, type MemoryEventsStore, memoryEventsStore, refusedImage } from './samples-events.ts';

const start = Date.parse('2026-11-24T08:00:00.000Z');
const day = 86_400_000;
const running: RunningEvents[] = [];
afterEach(async () => {
  for (const events of running.splice(0)) await events.close();
});

/** Events into a file, by a clock that the test turns. */
function office(
  store: MemoryEventsStore = memoryEventsStore(),
  sightings: EventsOptions['sightings'] = { sightingsOf: () => Promise.resolve([]) },
) {
  const path = join(temporaryDirectory(), 'events.jsonl');
  let clock = start;
  let updatedAt: string | null = new Date(start).toISOString();
  let problems: readonly FeedProblem[] = [];
  const options: EventsOptions = {
    config: {
      receivers: [
        {
          type: 'file',
          name: 'file',
          path,
          maxBytes: 10_000_000,
          kinds: null,
          minSeverity: 'notice',
          groupFor: 30_000,
          perHour: null,
        },
      ],
      warnBefore: 7 * day,
      staleAfter: 2 * day,
    },
    store,
    sightings,
    advisoriesUpdatedAt: () => updatedAt,
    advisoriesProblems: () => problems,
    policyExceptions: () => [],
    hostname: 'h',
    proxies: noProxies,
    now: () => clock,
    random: () => 1,
    logger: silentLogger,
  };
  // A line without its end is still being written.
  const told = (): Message[] =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Message)
      : [];
  return {
    store,
    told,
    turn: (milliseconds: number) => {
      clock += milliseconds;
    },
    setProblems: (list: readonly FeedProblem[]) => {
      problems = list;
    },
    setAdvisories: (at: string | null) => {
      updatedAt = at;
    },
    open: async (receivers = options.config.receivers): Promise<RunningEvents> => {
      const events = await startEvents({ ...options, config: { ...options.config, receivers } });
      running.push(events);
      return events;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('events', () => {
  test('begin at the end of the stream, group what follows, and tell it once', async () => {
    const { store, told, turn, open } = office();
    store.add(refusedImage(1));
    const events = await open();
    for (let number = 2; number < 1500; number += 1) store.add(refusedImage(number));
    events.poke();
    await until(() => events.counts.events['verdict-changed'] === 1498);
    expect(store.cursors.get('events')).toBe(1);
    turn(31_000);
    events.poke();
    await until(() => events.counts.receivers.some(({ delivered }) => delivered > 0));
    expect(told()).toMatchObject([{ count: 1498, kind: 'verdict-changed' }]);
    expect(store.cursors.get('events')).toBe(1499);
    expect(events.counts.receivers).toEqual([{ receiver: 'file', delivered: 1, failures: 0, givenUp: 0 }]);
  });

  test('where images run is asked of those that pass no longer, a page at a time', async () => {
    const asked: number[] = [];
    const { store, told, turn, open } = office(memoryEventsStore(), {
      sightingsOf: (digests) => {
        asked.push(digests.length);
        const [digest] = digests;
        if (digest === undefined) return Promise.resolve([]);
        const place = { cluster: '', namespace: 'shop', workload: 'Deployment/web' };
        const at = new Date(start).toISOString();
        return Promise.resolve([{ digest, ...place, image: 'app', team: null, firstAt: at, lastAt: at }]);
      },
    });
    const events = await open();
    for (let number = 1; number <= 250; number += 1) store.add(refusedImage(number));
    events.poke();
    await until(() => events.counts.events['verdict-changed'] === 250);
    expect(asked).toEqual([100, 100, 50]);
    turn(31_000);
    events.poke();
    await until(() => told().length === 2);
    expect(told()).toMatchObject([
      { kind: 'verdict-changed', count: 250 },
      { kind: 'running-image-bad', count: 3 },
    ]);
  });

  test('go on after a stop where they were, and lose nothing that was being gathered', async () => {
    const { store, told, open } = office();
    const before = await open();
    store.add(refusedImage(1));
    before.poke();
    await until(() => before.counts.events['verdict-changed'] === 1);
    await before.close();
    store.add(refusedImage(2));
    const after = await open();
    await until(() => after.counts.events['verdict-changed'] === 1);
    await after.close();
    await open();
    await until(() => told().length === 2);
    expect(told().map(({ subject }) => subject.image)).toEqual([
      'docker.io/library/app-1',
      'docker.io/library/app-2',
    ]);
  });

  test('a kill in the middle of gathering tells it after the restart', async () => {
    const { store, told, turn, open } = office();
    const killed = await open();
    store.add(refusedImage(1));
    killed.poke();
    await until(() => killed.counts.events['verdict-changed'] === 1);
    const { store: copy, told: toldBy, turn: turnBy, open: openBy } = office({ ...store });
    expect([told(), copy.cursors.get('events')]).toEqual([[], 0]);
    const after = await openBy();
    await until(() => after.counts.events['verdict-changed'] === 1);
    turnBy(31_000);
    after.poke();
    await until(() => toldBy().length === 1);
    turn(0);
  });

  test('a state that fails for a while loses nothing', async () => {
    const { store, told, turn, open } = office();
    const events = await open();
    store.broken = true;
    store.add(refusedImage(1));
    events.poke();
    await until(() => events.counts.events['verdict-changed'] === 1);
    turn(31_000);
    events.poke();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told()).toEqual([]);
    store.broken = false;
    events.poke();
    await until(() => told().length === 1);
  });

  test('a refusal is told at once, its repetitions together', async () => {
    const { told, turn, open } = office();
    const events = await open();
    const refusal = pullRefused({
      image: 'docker.io/library/app',
      digest: null,
      policy: 'baseline',
      reasons: ['CVE-2026-1'],
      at: new Date(start).toISOString(),
      gate: 'proxy',
      user: null,
    });
    events.refused(refusal);
    turn(1000);
    events.poke();
    await until(() => told().length === 1);
    for (let count = 0; count < 50; count += 1) events.refused(refusal);
    turn(100_000);
    events.poke();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told()).toHaveLength(1);
    turn(300_000);
    events.poke();
    await until(() => told().length === 2);
    expect(told()[1]).toMatchObject({
      count: 50,
      title: '50 pulls of docker.io/library/app were refused by policy "baseline"',
    });
  });

  test('what the clock brings is told once: exceptions before their end, old advisories each day', async () => {
    const { store, told, turn, open, setAdvisories } = office();
    store.exceptions.push(granted('ex-1', start + 6 * day), granted('ex-2', start + 60 * day));
    const kinds = () => told().map(({ kind }) => kind);
    const first = await open();
    turn(61_000);
    first.poke();
    await until(() => told().length === 1);
    expect(told()[0]?.title).toContain('The exception of CVE-2026-1 in openssl ends on 2026-11-30');
    await first.close();
    const events = await open();
    turn(2 * day + 1);
    events.poke();
    await until(() => told().length === 2);
    setAdvisories(new Date(start + 2 * day).toISOString());
    turn(2 * 3_600_000);
    events.poke();
    await until(() => store.cursors.get('events/advisories-stale') === 0);
    expect(kinds()).toEqual(['exception-expiring', 'advisories-stale']);
  });

  test('a feed that cannot be renewed is told, each day, and at once when it begins anew', async () => {
    const { told, turn, open, setProblems } = office();
    const events = await open();
    const broken = { feed: 'osv:Debian', why: 'answered 503', since: new Date(start).toISOString() };
    setProblems([broken]);
    const told503 = async (count: number): Promise<void> => {
      events.poke();
      await until(() => told().length === count);
    };
    turn(61_000);
    await told503(1);
    expect(told()[0]).toMatchObject({
      kind: 'advisories-broken',
      title: `osv:Debian could not be renewed since ${broken.since}`,
      reasons: ['answered 503', expect.stringContaining('stays in force')],
    });
    turn(day + 1);
    await told503(2);
    setProblems([{ ...broken, since: new Date(start + day + 120_000).toISOString() }]);
    turn(3_600_000);
    await told503(3);
  });

  test('without receivers nothing is told, and later ones begin at the end', async () => {
    const { store, told, turn, open } = office();
    await open();
    await open([]);
    store.add(refusedImage(1));
    const events = await open();
    store.add(refusedImage(2));
    events.poke();
    await until(() => events.counts.events['verdict-changed'] === 1);
    turn(31_000);
    events.poke();
    await until(() => told().length === 1);
    expect(told()[0]?.subject.image).toBe('docker.io/library/app-2');
  });
});
