import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Change, VerdictChange } from '../core/change.ts';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import { everywhere, type GrantedException } from '../core/exception.ts';
import type { HistoryAsked, StandingVerdict } from '../core/ports/verdicts.ts';
import type { FinalStatus, Verdict } from '../core/verdict.ts';
import type { ReportAsked } from './management/reports.ts';
import { createManagement, type ManagementContext } from './management.ts';

const digest = (seed: number): Digest => `sha256:${seed.toString(16).padStart(64, '0')}` as Digest;

function verdict(policy: string, status: FinalStatus): Verdict {
  return {
    status,
    policy,
    policyRevision: 'p1',
    advisoriesRevision: `a-${policy}`,
    scanner: 's',
    rules: [],
    reasons: [],
    summary: {
      counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
      fixable: 0,
      worst: [],
    },
    coverage: [],
    suppressed: [],
    blockers: { complete: true, list: [] },
    evaluatedAt: '2026-06-01T00:00:00.000Z',
    validUntil: null,
    next: null,
  };
}

function standing(seed: number, policy: string, status: FinalStatus): StandingVerdict {
  return {
    digest: digest(seed),
    policy,
    verdict: verdict(policy, status),
    images: ['r/app'],
    since: '2026-06-01T00:00:00.000Z',
  };
}

function change(cursor: number, seed = cursor): VerdictChange {
  return {
    kind: 'verdict',
    cursor,
    at: '2026-06-01T00:00:00.000Z',
    digest: digest(seed),
    policy: 'baseline',
    images: ['r/app'],
    from: null,
    to: 'pass',
    cause: 'first',
    reasons: [],
    newlyDenying: [],
  };
}

const exception: GrantedException = {
  id: 'ex-0123456789ab',
  advisory: 'CVE-2026-1',
  package: null,
  image: null,
  scope: everywhere,
  reason: 'not called',
  author: 'ada',
  ticket: null,
  expires: '2026-07-01',
  endsAt: Date.parse('2026-07-02T00:00:00Z'),
  grantedAt: '2026-06-01T00:00:00.000Z',
  revoked: null,
};

/** Everything that a management port stands before, in memory. */
class Place {
  readonly changes: Change[] = [];
  readonly standing: StandingVerdict[] = [];
  /** The newest cursor that was given, where its change is gone. */
  last = 0;
  readonly errors: object[] = [];
  historyAsked: HistoryAsked | null = null;
  lost = false;
  /** What the list of verdicts waits for. */
  slow: Promise<unknown> = Promise.resolve();
  asked: readonly [string, ReportAsked] | null = null;
  report: () => Promise<string> = () => Promise.resolve('<p>');

  context(): ManagementContext {
    const silent = (): void => undefined;
    return {
      pulls: () => [],
      running: () => null,
      records: {
        getMatch: (_digest, revision) =>
          Promise.resolve({
            findings: [],
            coverage: [],
            advisories: { revision: revision ?? 'a0', updatedAt: null },
            endOfLife: null,
          }),
        getInventory: () => Promise.resolve(null),
        imagesOf: () => Promise.resolve(['r/app']),
      },
      verdicts: {
        listVerdicts: async (limit) => {
          await this.slow;
          return this.standing.slice(0, limit);
        },
        verdictsOf: (asked) => Promise.resolve(this.standing.filter((one) => one.digest === asked)),
        getVerdict: (asked, policy) =>
          Promise.resolve(
            this.standing.find((one) => one.digest === asked && one.policy === policy)?.verdict ?? null,
          ),
        changesAfter: (cursor, limit) =>
          Promise.resolve(this.changes.filter((one) => one.cursor > cursor).slice(0, limit)),
        lastCursor: () =>
          this.lost
            ? Promise.reject(new PratiqueError('data-unusable', 'the state is gone'))
            : Promise.resolve(Math.max(this.last, this.changes.at(-1)?.cursor ?? 0)),
        history: (asked) => {
          this.historyAsked = asked;
          return Promise.resolve(this.changes.slice(0, asked.limit));
        },
      },
      exceptions: {
        listExceptions: (at) => {
          const revoked = { at: '2026-06-02T00:00:00.000Z', by: 'bob', reason: 'wrong' };
          return Promise.resolve(at === null ? [exception, { ...exception, revoked }] : [exception]);
        },
      },
      fileExceptions: () => [
        {
          policy: 'baseline',
          exception: { ...exception, id: null, endsAt: Date.parse('2026-06-15T00:00:00Z') },
        },
        {
          policy: 'baseline',
          exception: { ...exception, id: null, endsAt: Date.parse('2026-01-01T00:00:00Z') },
        },
      ],
      policy: () => ({
        name: 'set',
        revision: 'r1',
        policies: [{ name: 'baseline', revision: 'p1' }],
        bindings: [{ id: 'everything', mode: 'enforce' }],
        beforeScan: [],
        problem: 'policy.yaml: line 3: "denny" is no action',
        inForceSince: '2026-06-01T00:00:00.000Z',
      }),
      reports: {
        list: [{ name: 'images', title: 'What is said of each image' }],
        make: async (name, asked) => {
          this.asked = [name, asked];
          if (name !== 'images') throw new PratiqueError('usage-invalid', `there is no report "${name}"`);
          const body = await this.report();
          return {
            contentType: 'text/html; charset=utf-8',
            body,
            styleHash: 'sha256-abc=',
            fileName: asked.format === 'csv' ? 'images.csv' : null,
            complete: true,
          };
        },
      },
      names: ['proxy.corp:5000', 'manage.corp'],
      now: () => Date.parse('2026-06-10T00:00:00Z'),
      analyzers: 'a',
      metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1' }),
      logger: {
        debug: silent,
        info: silent,
        warn: silent,
        error: (fields: object) => {
          this.errors.push(fields);
        },
      },
      findings: () => Promise.resolve({ revision: 'a1' }),
      status: () => ({
        version: '1',
        ready: true,
        notReady: [],
        advisories: { revision: 'a1', updatedAt: null, problems: [] },
        policy: { name: 'set', revision: 'r1', problem: null, remarks: [] },
        vettings: 0,
        reevaluation: { running: false, phase: null, done: 0, total: 0, startedAt: null },
        replicas: [],
      }),
    };
  }
}

let server: Server | null = null;
afterEach(async () => {
  await new Promise((resolve) => {
    server?.closeAllConnections();
    if (server === null) resolve(null);
    else server.close(resolve);
  });
  server = null;
});

async function open(place: Place): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  server = createServer(createManagement(place.context()));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

function askAs(host: string): Promise<number> {
  if (server === null) throw new Error('nothing listens');
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/api/v1/status', headers: { Host: host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

describe('a host', () => {
  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:5080', 200],
    ['[::1]:5080', 200],
    ['localhost', 200],
    ['LOCALHOST:9', 200],
    ['proxy.corp', 200],
    ['proxy.corp:5080', 200],
    ['Manage.corp.:5080', 200],
    ['evil.example', 421],
    ['evil.example:5080', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example', 421],
    ['[::1].evil.example', 421],
    ['evil.example:127.0.0.1', 421],
  ])('"%s" is answered %d', async (host, status) => {
    await open(new Place());
    expect(await askAs(host)).toBe(status);
  });
});

describe('a path', () => {
  it.each(['/api/v1/verdicts/%', '/api/v1/verdicts/%ff', '/api/v1/reports/%zz'])(
    '%s that cannot be decoded is a mistake of whoever asks',
    async (path) => {
      const place = new Place();
      const answer = await (await open(place))(path);
      expect([answer.status, place.errors]).toEqual([400, []]);
    },
  );
});

it('makes at most four long answers at once, and says so', async () => {
  const place = new Place();
  let go = (): void => undefined;
  place.slow = new Promise((resolve) => {
    go = () => resolve(undefined);
  });
  const ask = await open(place);
  const first = Array.from({ length: 4 }, () => ask('/api/v1/verdicts'));
  const paths = ['/api/v1/verdicts', '/api/v1/history', `/api/v1/verdicts/${digest(1)}`];
  while ((await ask('/api/v1/history')).status !== 503) await new Promise(setImmediate);
  for (const path of paths) {
    const answer = await ask(path);
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5']);
  }
  expect((await ask('/healthz')).status).toBe(200);
  go();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await ask('/api/v1/history')).status).toBe(200);
});

describe('verdicts', () => {
  it('lists one row for each image and policy', async () => {
    const place = new Place();
    place.standing.push(standing(1, 'baseline', 'pass'), standing(1, 'strict', 'fail'));
    const ask = await open(place);
    expect(await (await ask('/api/v1/verdicts')).json()).toMatchObject({
      complete: true,
      verdicts: [
        { policy: 'baseline', since: '2026-06-01T00:00:00.000Z', verdict: { status: 'pass' } },
        { policy: 'strict', verdict: { status: 'fail' } },
      ],
    });
  });

  it('says when there are more than it lists', async () => {
    const place = new Place();
    for (let seed = 0; seed < 1001; seed += 1) place.standing.push(standing(seed, 'baseline', 'pass'));
    const answer = (await (await (await open(place))('/api/v1/verdicts')).json()) as Record<
      string,
      unknown[]
    >;
    expect([answer.verdicts?.length, answer.complete]).toEqual([1000, false]);
  });

  it('tells of one image what every policy says, the worst on its own', async () => {
    const place = new Place();
    place.standing.push(standing(1, 'baseline', 'pass'), standing(1, 'strict', 'fail'));
    const ask = await open(place);
    expect(await (await ask(`/api/v1/verdicts/${digest(1)}`)).json()).toMatchObject({
      verdict: { policy: 'strict', status: 'fail' },
      verdicts: [{ policy: 'baseline' }, { policy: 'strict' }],
      findings: [],
      inventory: null,
    });
  });

  it.each([
    ['/api/v1/verdicts/latest', 400],
    [`/api/v1/verdicts/${digest(7)}`, 404],
  ])('%s: %d', async (path, status) => {
    expect((await (await open(new Place()))(path)).status).toBe(status);
  });
});

describe('the change stream', () => {
  const stocked = (count: number): Place => {
    const place = new Place();
    for (let cursor = 1; cursor <= count; cursor += 1) place.changes.push(change(cursor));
    return place;
  };

  it('is read a page after another', async () => {
    const ask = await open(stocked(5));
    const cursors: number[][] = [];
    let after = 0;
    for (let page = 0; page < 4; page += 1) {
      const body = (await (await ask(`/api/v1/changes?after=${after}&limit=2`)).json()) as {
        schemaVersion: number;
        cursor: number;
        changes: Change[];
      };
      expect(body.schemaVersion).toBe(1);
      cursors.push(body.changes.map((one) => one.cursor));
      after = body.cursor;
    }
    expect([cursors, after]).toEqual([[[1, 2], [3, 4], [5], []], 5]);
  });

  it('brings what stands by now, where it is asked to', async () => {
    const place = stocked(2);
    place.standing.push(standing(1, 'baseline', 'warn'));
    place.changes.push({
      kind: 'policy',
      cursor: 3,
      at: '2026-06-01T00:00:00.000Z',
      subject: 'r1',
      note: 'n',
    });
    const ask = await open(place);
    const body = (await (await ask('/api/v1/changes?verdicts=true')).json()) as { changes: object[] };
    expect(body.changes).toMatchObject([
      { verdict: { status: 'warn' } },
      { verdict: null },
      { kind: 'policy' },
    ]);
    expect(body.changes[2]).not.toHaveProperty('verdict');
  });

  it('waits for the next change', async () => {
    const place = stocked(1);
    const ask = await open(place);
    const started = Date.now();
    const waiting = ask('/api/v1/changes?after=1&wait=20');
    setTimeout(() => place.changes.push(change(2)), 300);
    const body = (await (await waiting).json()) as { cursor: number };
    expect(body.cursor).toBe(2);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('answers without any when the time has passed', async () => {
    const ask = await open(stocked(1));
    const body = await (await ask('/api/v1/changes?after=1&wait=1')).json();
    expect(body).toEqual({ schemaVersion: 1, changes: [], cursor: 1 });
  });

  it('goes on after changes that are gone', async () => {
    const place = stocked(1);
    place.last = 9;
    const ask = await open(place);
    expect(await (await ask('/api/v1/changes?after=0')).json()).toMatchObject({ cursor: 9, changes: [{}] });
    expect(await (await ask('/api/v1/changes?after=1&wait=20')).json()).toMatchObject({ cursor: 9 });
  });

  it('lets only so many wait, and forgets those who have gone', async () => {
    const ask = await open(stocked(1));
    const gone = new AbortController();
    const waiting = Array.from({ length: 64 }, () =>
      ask('/api/v1/changes?after=1&wait=30', { signal: gone.signal }).catch(() => null),
    );
    await untilStatus(() => ask('/api/v1/changes?after=1&wait=1'), 503);
    gone.abort();
    await Promise.all(waiting);
    await untilStatus(() => ask('/api/v1/changes?after=1&wait=1'), 200);
  });

  it('says what to do with a cursor that these records have not given', async () => {
    const answer = await (await open(stocked(3)))('/api/v1/changes?after=99');
    expect(answer.status).toBe(410);
    expect(await answer.json()).toMatchObject({ cursor: 0, error: expect.stringMatching(/after=0/) });
  });

  it('tells that the state is gone', async () => {
    const place = stocked(1);
    const ask = await open(place);
    const waiting = ask('/api/v1/changes?after=1&wait=20');
    setTimeout(() => {
      place.lost = true;
    }, 100);
    const answer = await waiting;
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'the state is gone' }]);
    expect(place.errors).toHaveLength(1);
  });

  it.each([
    'after=-1',
    'after=x',
    'after=1&after=2',
    'limit=1001',
    'limit=500&verdicts=true',
    'wait=31',
    'verdicts=maybe',
  ])('refuses %s', async (query) => {
    const place = stocked(3);
    expect((await (await open(place))(`/api/v1/changes?${query}`)).status).toBe(400);
    expect(place.errors).toEqual([]);
  });
});

describe('history, policy, exceptions', () => {
  it('asks for the history of one image', async () => {
    const place = new Place();
    place.changes.push(change(1), change(2), change(3));
    const ask = await open(place);
    const path = `/api/v1/history?digest=${digest(1)}&policy=baseline&from=2026-06-01&limit=2`;
    expect(await (await ask(path)).json()).toMatchObject({ complete: false, changes: [{ cursor: 1 }, {}] });
    expect(place.historyAsked).toEqual({
      digest: digest(1),
      policy: 'baseline',
      from: '2026-06-01T00:00:00.000Z',
      limit: 3,
    });
  });

  it.each(['digest=latest', 'from=yesterday', 'from=2026-13-45', 'from=2026-02-30', 'limit=x'])(
    'refuses %s',
    async (query) => {
      expect((await (await open(new Place()))(`/api/v1/history?${query}`)).status).toBe(400);
    },
  );

  it('says which policy is in force, and what is wrong with the file', async () => {
    expect(await (await (await open(new Place()))('/api/v1/policy')).json()).toMatchObject({
      schemaVersion: 1,
      revision: 'r1',
      bindings: [{ id: 'everything' }],
      problem: expect.stringContaining('denny'),
      inForceSince: '2026-06-01T00:00:00.000Z',
    });
  });

  it('lists exceptions of files and granted ones, the first to end first', async () => {
    const ask = await open(new Place());
    expect(await (await ask('/api/v1/exceptions')).json()).toMatchObject({
      exceptions: [
        { from: 'policy', policy: 'baseline', inForce: true },
        { id: 'ex-0123456789ab', from: 'granted', inForce: true },
      ],
    });
    expect(await (await ask('/api/v1/exceptions?all=true')).json()).toMatchObject({
      exceptions: [
        { from: 'policy', inForce: false },
        { from: 'policy', inForce: true },
        { from: 'granted', inForce: true },
        { from: 'granted', inForce: false },
      ],
    });
  });
});

describe('reports', () => {
  it('lists them', async () => {
    expect(await (await (await open(new Place()))('/api/v1/reports')).json()).toMatchObject({
      reports: [{ name: 'images' }],
    });
  });

  it('hands over what was asked, and lets a page do nothing', async () => {
    const place = new Place();
    const answer = await (await open(place))('/api/v1/reports/images?format=html&policy=strict');
    expect(await answer.text()).toBe('<p>');
    expect(place.asked).toMatchObject(['images', { format: 'html', policy: 'strict', since: null }]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'sha256-abc='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'pratique-report-complete': 'true',
    });
  });

  it('gives a file where it is one', async () => {
    const answer = await (await open(new Place()))('/api/v1/reports/images?format=csv');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="images.csv"');
  });

  it.each([
    ['/api/v1/reports/nothing', /there is no report/],
    ['/api/v1/reports/images?polcy=x', /no parameter ..polcy/],
    ['/api/v1/reports/images?policy=a&policy=b', /may be given once/],
  ])('%s is refused', async (path, message) => {
    const answer = await (await open(new Place()))(path);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(message);
  });

  it('makes only so many at once', async () => {
    const place = new Place();
    const releases: (() => void)[] = [];
    place.report = () => new Promise((resolve) => releases.push(() => resolve('done')));
    const ask = await open(place);
    const first = [ask('/api/v1/reports/images'), ask('/api/v1/reports/images')];
    while (releases.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const third = await ask('/api/v1/reports/images');
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '5']);
    for (const release of releases) release();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    place.report = () => Promise.resolve('again');
    expect((await ask('/api/v1/reports/images')).status).toBe(200);
  });
});

async function untilStatus(ask: () => Promise<Response>, status: number): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if ((await ask()).status === status) return;
  }
  throw new Error(`never answered with ${status}`);
}
