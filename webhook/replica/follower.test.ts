import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../../core/errors.ts';
import { type Logger, silentLogger } from '../../core/ports/logger.ts';
import { replicaSchemaVersion } from '../../core/replica.ts';
import type { ProxyAnswer } from './client.ts';
import { Contact } from './contact.ts';
import { Follower, waitFor } from './follower.ts';
import { Knowledge } from './knowledge.ts';
import {
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

const a = digestOf('a');
const b = digestOf('b');
const ok = (value: unknown) => (): ProxyAnswer => ({ status: 200, value });
const gone = (): ProxyAnswer => ({
  status: 410,
  value: { schemaVersion: replicaSchemaVersion, error: 'restored', reset: true },
});
const never = (): Promise<ProxyAnswer> => new Promise(() => undefined);
const away = (): Promise<ProxyAnswer> => Promise.reject(new PratiqueError('proxy-unreachable', 'nobody'));

type Answers = (() => ProxyAnswer | Promise<ProxyAnswer>)[];
let open: Follower | null = null;
afterEach(async () => {
  await open?.close();
});

interface Following {
  readonly store: MemoryStore;
  readonly proxy: SaidProxy;
  readonly unread: UnreadTold;
  readonly knowledge: Knowledge;
  /** All that were told of. */
  readonly problems: () => readonly string[];
  readonly now: () => readonly string[];
  readonly heard: boolean[];
  turn(milliseconds: number): void;
}

function follow(changes: Answers, images: Answers, store = new MemoryStore()): Following {
  let at = start;
  const now = (): number => at;
  const ground = groundOf('id: a');
  const proxy = new SaidProxy({ '/gates/v1/changes': changes, '/gates/v1/images': images });
  const problems: string[] = [];
  const keep = (fields: object): void => {
    problems.push(JSON.stringify(fields));
  };
  const logger: Logger = { ...silentLogger, warn: keep, error: keep };
  const contact = new Contact({ now, logger });
  const unread = new UnreadTold(silentLogger);
  const knowledge = new Knowledge(store, now);
  const heard: boolean[] = [];
  open = new Follower({
    ...{ client: { ask: proxy.ask, close: proxy.close }, store, contact, unread, knowledge, now },
    makeAddressing: () => ground.addressing,
    ground: () => ground,
    onGround: () => undefined,
    onHeard: (isBack) => heard.push(isBack),
    // No pause at all between attempts.
    random: () => -1,
    logger: silentLogger,
  });
  open.start();
  return {
    ...{ store, proxy, unread, knowledge, heard },
    problems: () => problems,
    now: () => contact.problems(),
    turn: (milliseconds) => {
      at += milliseconds;
    },
  };
}

/** Until it is so; a test that waits in vain runs into its own limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2);
}

const empty = ok(imagePage([], 0));

describe('a proxy', () => {
  it('is read page by page, both streams, and counts as heard once all is there', async () => {
    const { store, heard, proxy } = follow(
      [
        ok(page([verdictEntry(a, 'pass')], 1, 2)),
        ok(page([verdictEntry(b, 'fail')], 2)),
        ok(page([], 2)),
        never,
      ],
      [ok(imagePage([imageEntry(a)], 1, 2)), ok(imagePage([imageEntry(b)], 2)), ok(imagePage([], 2))],
    );
    await until(() => heard.length > 0);
    expect([store.verdicts.size, store.images.size, store.heardAt()]).toEqual([2, 2, start]);
    const paths = proxy.asked.map(({ path }) => path);
    expect(paths[0]).toBe('/gates/v1/changes?after=0&limit=500&ground=ground-1&wait=0');
    expect(paths).toContain('/gates/v1/changes?after=1&limit=500&records=one&ground=ground-1&wait=0');
    // Then it waits for what is new.
    await until(() => proxy.asked.at(-1)?.path.endsWith('wait=25') === true);
  });

  it.each([
    ['while the page was on its way stays', 0, 'fail'],
    ['before the page was asked for is overtaken by it', -1, 'pass'],
  ] as const)('that has said more of an image by itself %s', async (_what, when, status) => {
    const turned = verdictEntry(a, 'fail', { evaluatedAt: '2026-06-01T11:59:00Z' });
    const store = new MemoryStore();
    let following: Following | null = null;
    const hear = (): void => {
      store.putVetted(imageEntry(a), [turned], null);
      following?.knowledge.heardOf(turned, start);
    };
    const late = (): ProxyAnswer => {
      if (when === 0) hear();
      return {
        status: 200,
        value: page([verdictEntry(a, 'pass', { evaluatedAt: '2026-06-01T11:00:00Z' })], 2),
      };
    };
    const first = (): ProxyAnswer => ({ status: 200, value: page([], 1) });
    following = follow([first, late, never], [empty], store);
    if (when < 0) hear();
    const { heard } = following;
    await until(() => heard.length > 0);
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe(status);
  });

  it('whose ground is in force is known with it to a file that was begun anew', async () => {
    const { store, heard } = follow([ok(page([], 1)), ok(page([], 1)), never], [empty]);
    await until(() => heard.length > 0);
    expect(store.ground()).toBe(groundOf('id: a').text);
  });

  it('was heard when it was asked, however late the answer comes', async () => {
    let following: Following | null = null;
    const slow = (): ProxyAnswer => {
      following?.turn(55_000);
      return { status: 200, value: page([], 1) };
    };
    following = follow([ok(page([verdictEntry(a, 'pass')], 1)), slow, never], [empty]);
    const { store, heard } = following;
    await until(() => heard.length > 0);
    expect(store.heardAt()).toBe(start);
  });

  it.each<readonly [string, Answers, RegExp]>([
    ['does not answer', [away], /nobody/],
    ['answers 404', [() => ({ status: 404, value: {} })], /it answers 404/],
    ['answers something else', [ok({ allowed: true })], /its page of changes/],
    ['says that the beginning is gone', [gone], /it says that the beginning/],
  ])('that %s is told of, nothing counts, and it is asked again', async (_what, changes, problem) => {
    const { store, heard, problems, now } = follow(
      [...changes, ok(page([verdictEntry(a, 'pass')], 1)), ok(page([], 1)), never],
      [empty],
    );
    await until(() => heard.length > 0);
    expect(problems()).toEqual([expect.stringMatching(problem)]);
    expect([store.verdicts.size, now()]).toEqual([1, []]);
  });

  it('that was restored is read again from the beginning, and what is held stays until then', async () => {
    const store = new MemoryStore();
    const read = { records: 'old', cursor: 9, isLast: true };
    store.putChanges([verdictEntry(a, 'pass')], [], read);
    store.putImages([imageEntry(a)], [], read, start);
    const { heard, proxy } = follow(
      [gone, ok(page([verdictEntry(b, 'fail')], 1)), never],
      [gone, ok(imagePage([], 1))],
      store,
    );
    await until(() => heard.length > 0);
    expect(store.begunAnew).toEqual(['changes', 'images']);
    expect(store.verdicts.size).toBe(2);
    const changes = proxy.asked.filter(({ path }) => path.includes('/changes')).map(({ path }) => path);
    expect(changes[0]).toContain('after=9&limit=250&records=old');
    expect(changes[1]).toContain('after=0&limit=250&ground');
  });

  it('whose cursor runs backwards is not believed, and is read anew once it does so five times in a row', async () => {
    const store = new MemoryStore();
    const read = { records: 'one', cursor: 9, isLast: true };
    store.putChanges([verdictEntry(a, 'pass')], [], read);
    store.putImages([], [], read, start);
    const back = ok(page([], 3));
    const { problems } = follow([back, back, back, back, back, never], [ok(imagePage([], 9))], store);
    await until(() => problems().length > 0);
    expect(store.begunAnew).toEqual([]);
    await until(() => store.begunAnew.length > 0);
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe('pass');
  }, 60_000);

  it('with one entry that cannot be read has its image refused, and the rest goes on', async () => {
    const store = new MemoryStore();
    store.putChanges([verdictEntry(a, 'pass')], [], { records: 'one', cursor: 1, isLast: true });
    store.putImages([], [], { records: 'one', cursor: 1, isLast: true }, start);
    const misfit = { ...verdictEntry(a, 'fail'), verdict: { status: 'odd' } };
    const { heard, unread } = follow(
      [ok(page([misfit, verdictEntry(b, 'pass')], 3)), never],
      [ok(imagePage([], 1))],
      store,
    );
    await until(() => heard.length > 0);
    expect(store.verdict(a, 'baseline')?.verdict.status).toBe('error');
    expect(store.verdict(b, 'baseline')?.verdict.status).toBe('pass');
    expect(unread.problem(1)).toMatch(
      /^1 verdicts .* those images are refused .*sha256:a+ by the policy baseline/,
    );
  });

  it('is asked for a page again where it could not be written', async () => {
    const store = new MemoryStore();
    store.failure = new PratiqueError('data-unusable', 'the disk is full');
    const first = ok(page([verdictEntry(a, 'pass')], 1, 2));
    const { heard, proxy } = follow(
      [
        first,
        ok(page([verdictEntry(b, 'fail')], 2)),
        first,
        ok(page([verdictEntry(b, 'fail')], 2)),
        ok(page([], 2)),
        never,
      ],
      [empty],
      store,
    );
    await until(() => heard.length > 0);
    expect([...store.verdicts.keys()]).toEqual([`${a} baseline`, `${b} baseline`]);
    const begun = proxy.asked.filter(({ path }) => path.includes('/changes?after=0'));
    expect(begun).toHaveLength(2);
  });
});

describe('how long the proxy may wait with its answer', () => {
  it.each<readonly [readonly string[], number]>([
    [[], 25],
    [['id: a'], 25],
    [['id: a, maxAge: 24h'], 25],
    [['id: a, maxAge: 2m'], 25],
    [['id: b, namespaces: [web], maxAge: 1m', 'id: a, maxAge: 24h'], 15],
  ])('with %j is %d seconds', (bindings, seconds) => {
    expect(waitFor(groundOf(...bindings))).toBe(seconds);
  });

  it('before anything is in force is the longest', () => {
    expect(waitFor(null)).toBe(25);
  });
});
