import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../core/ports/logger.ts';
import { FakeCluster } from '../../test/support/cluster.ts';
import { accessTo, podObject, pods } from '../../test/support/cluster-pods.ts';
import { clusterClient } from '../cluster/client.ts';
import { pause } from '../cluster/wait.ts';
import { followPods } from './follow.ts';

let cluster: FakeCluster;
let seen: Set<string>;
let lists: number;
let troubles: (string | null)[];
let unreadable: number;
let closing: AbortController;
let done: Promise<void>;
let waits: number[];

beforeEach(async () => {
  cluster = await FakeCluster.start();
  [seen, lists, troubles, unreadable, waits] = [new Set(), 0, [], 0, []];
  closing = new AbortController();
});
afterEach(async () => {
  closing.abort();
  await done;
  await cluster.close();
});

const nameOf = (object: unknown) => (object as { metadata: { name: string } }).metadata.name;

function follow(): void {
  let listed: Set<string> | null = null;
  const access = accessTo(cluster.url);
  done = followPods({
    access,
    client: clusterClient(access),
    signal: closing.signal,
    // Waits are counted, and short.
    wait: (milliseconds, signal) => {
      waits.push(milliseconds);
      return pause(1, signal);
    },
    random: () => 0.5,
    now: Date.now,
    logger: silentLogger,
    sink: {
      begin: () => {
        lists += 1;
        listed = new Set();
      },
      put: (object) => {
        seen.add(nameOf(object));
        listed?.add(nameOf(object));
      },
      whole: () => {
        for (const name of seen) if (listed?.has(name) === false) seen.delete(name);
        listed = null;
      },
      gone: (object) => seen.delete(nameOf(object)),
      unreadable: () => {
        unreadable += 1;
      },
      trouble: (why) => troubles.push(why),
    },
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
}

const sees = (...names: string[]) => until(() => [...seen].sort().join() === names.sort().join());
const put = (...names: string[]) => {
  for (const name of names) cluster.put(pods, podObject({ name }));
};

describe('Pods are followed', () => {
  it('as they come, change and go', async () => {
    put('a', 'b');
    follow();
    await sees('a', 'b');
    await until(() => cluster.watches === 1);
    put('c');
    cluster.remove(pods, 'shop', 'a');
    await sees('b', 'c');
    expect(lists).toBe(1);
    const [list, watch] = cluster.requests;
    expect(list?.query.get('fieldSelector')).toBe('status.phase!=Succeeded,status.phase!=Failed');
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
  });

  it('in pages, whose pods that are gone by a later list are gone', async () => {
    put(...Array.from({ length: 600 }, (_, index) => `p-${index}`));
    follow();
    await until(() => seen.size === 600);
    expect(cluster.requests.filter(({ query }) => query.has('limit')).length).toBe(3);
  });

  it.each([
    ['is cut', () => cluster.dropWatches('cut')],
    ['ends', () => cluster.dropWatches('end')],
  ])('on from where a watch %s, without a list', async (_how, drop) => {
    put('a');
    follow();
    await until(() => cluster.watches === 1);
    put('b');
    cluster.bookmark();
    await sees('a', 'b');
    drop();
    put('c');
    await sees('a', 'b', 'c');
    expect(lists).toBe(1);
  });

  it('anew where the API server has forgotten what came since (410), and what went meanwhile is gone', async () => {
    put('a', 'b');
    follow();
    await until(() => cluster.watches === 1);
    cluster.dropWatches('cut');
    cluster.remove(pods, 'shop', 'a');
    cluster.forget();
    put('c');
    await sees('b', 'c');
    expect(lists).toBe(2);
  });

  it('anew where a page of a list has gone stale (410 of a continue token)', async () => {
    put(...Array.from({ length: 300 }, (_, index) => `p-${index}`));
    let gone = 0;
    cluster.script = ({ query }) => (query.has('continue') && gone++ === 0 ? { status: 410 } : null);
    follow();
    await until(() => seen.size === 300 && cluster.watches === 1);
    expect(lists).toBe(2);
  });

  it('in smaller pages where Pods are too large for one answer', async () => {
    const padding = 'x'.repeat(400_000);
    for (let index = 0; index < 60; index += 1) {
      cluster.put(pods, podObject({ name: `p-${index}`, labels: { padding } }));
    }
    follow();
    await until(() => seen.size === 60 && cluster.watches === 1);
    const limits = cluster.requests.flatMap(({ query }) => query.get('limit') ?? []);
    expect(limits.slice(0, 2)).toEqual(['250', '63']);
    expect(lists).toBe(1);
  });

  it('though the API server fails for a while, with waits that grow, and says so', async () => {
    put('a');
    let left = 5;
    cluster.script = () => (left-- > 0 ? { status: 500 } : null);
    follow();
    await sees('a');
    await until(() => cluster.watches === 1);
    expect(waits.slice(0, 5)).toEqual([750, 1500, 3000, 6000, 12_000]);
    expect(troubles.filter((why) => why !== null)[0]).toMatch(/answered 500/);
    await until(() => troubles.at(-1) === null);
  });

  it('not where rights are missing, which is told with the rule', async () => {
    cluster.script = () => ({ status: 403 });
    follow();
    await until(() => troubles.length > 0);
    expect(troubles[0]).toContain('resources: [pods], verbs: [list, watch]');
  });

  it('past lines that are no events', async () => {
    put('a');
    follow();
    await until(() => cluster.watches === 1);
    cluster.say('this is no JSON');
    await until(() => waits.length > 0 && cluster.watches === 1);
    put('b');
    await sees('a', 'b');
  });

  it('past an object that is too long for a line, which is counted', async () => {
    put('a');
    follow();
    await until(() => cluster.watches === 1);
    cluster.say(`{"type":"ADDED","object":"${'x'.repeat(17 * 1024 * 1024)}"}`);
    put('b');
    await sees('a', 'b');
    expect(unreadable).toBe(1);
  });
});
