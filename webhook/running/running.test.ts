import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AskContext } from '../../core/context.ts';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { RunningReport } from '../../core/ports/sightings.ts';
import type { Verdict } from '../../core/verdict.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { setOfBindings } from '../../policy/bindings/samples.ts';
import { FakeCluster } from '../../test/support/cluster.ts';
import { accessTo, podObject, pods, type SamplePod, sha } from '../../test/support/cluster-pods.ts';
import { pause } from '../cluster/wait.ts';
import { verdict as failing } from '../samples.ts';
import type { ReportKind } from './policy-report.ts';
import { type Running, startRunning } from './running.ts';

const events = '/api/v1/events';
const leases = '/apis/coordination.k8s.io/v1/leases';
const reports = '/apis/wgpolicyk8s.io/v1alpha2/policyreports';

let cluster: FakeCluster;
let started: Running[];
/** What is said of digests; the others are not known. */
let verdicts: Map<string, Verdict>;
let asked: AskContext[];
let told: RunningReport[];
let sinceOf: Map<string, string>;
let takesReports: boolean;
let refusedReports = 0;

beforeEach(async () => {
  cluster = await FakeCluster.start();
  [started, asked, told, takesReports] = [[], [], [], true];
  verdicts = new Map();
  sinceOf = new Map();
  cluster.put('/api/v1/namespaces', { metadata: { name: 'shop', labels: { tier: 'front' } } });
});
afterEach(async () => {
  await Promise.all(started.map((running) => running.close()));
  await cluster.close();
});

function start(given: { readonly reports?: ReportKind; readonly identity?: string } = {}): Running {
  const running = startRunning({
    access: accessTo(cluster.url),
    cluster: 'prod',
    teamLabel: 'team',
    addressing: {
      isOwn: () => false,
      locate: (registry, path) =>
        registry === 'registry.corp' ? { upstream: 'corp', namespace: registry, path } : null,
    },
    gate: {
      known: () => null,
      // The proxy's own.
      find: (_address, pointer) => {
        const digest = parseDigest(pointer.kind === 'digest' ? pointer.digest : '');
        if (digest === null) throw new Error('a tag says nothing of what runs');
        return Promise.resolve({
          digest,
          settled: (asker) => {
            asked.push(asker);
            return Promise.resolve(clearanceOf(digest));
          },
        });
      },
    },
    rulebook: () => rulebook,
    policySet: () => rulebook.set,
    since: (digest) => Promise.resolve(sinceOf.get(digest) ?? null),
    tell: (report) => {
      if (!takesReports) refusedReports += 1;
      if (!takesReports)
        return Promise.reject(new PratiqueError('upstream-unreachable', 'the proxy is away'));
      told.push(report);
      return Promise.resolve();
    },
    reports: given.reports ?? null,
    events: true,
    lease: { namespace: 'pratique', name: 'pratique-running', identity: given.identity ?? 'me' },
    now: Date.now,
    ticks: () => performance.now(),
    random: () => 0.5,
    // Waits are short, so that a test sees in a moment what takes minutes.
    wait: (milliseconds, signal) => pause(Math.min(milliseconds, 20), signal),
    logger: silentLogger,
  });
  started.push(running);
  return running;
}

const rulebook = makeRulebook(setOfBindings('id: default'), []);

function clearanceOf(digest: Digest): Clearance {
  const verdict = verdicts.get(digest) ?? null;
  const status = verdict?.status ?? 'pending';
  return {
    ...{ digest, status, allowed: status === 'pass' || status === 'warn', transient: verdict === null },
    ruled: { binding: 'default', policy: 'baseline', mode: 'enforce' },
    reasons: verdict?.reasons ?? ['it is being inspected'],
    platforms: [{ platform: 'linux/amd64', digest, status, verdict, failure: null }],
  };
}

async function until(holds: () => boolean, what = ''): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect([what, holds()]).toEqual([what, true]);
}
const put = (pod: SamplePod) => cluster.put(pods, podObject(pod));
const says = (number: number, status: 'pass' | 'fail', since?: string) => {
  verdicts.set(sha(number), status === 'fail' ? failing : { ...failing, status, reasons: [] });
  if (since !== undefined) sinceOf.set(sha(number), since);
};
const runs = (name: string, number: number): SamplePod => ({
  name,
  id: `registry.corp/team/app@${sha(number)}`,
});
const rowsOf = (running: Running) =>
  running
    .view(100)
    .rows.map(({ workload, status, wentBad, pods: count }) => [workload, status, wentBad, count]);

describe('what runs in a cluster', () => {
  it('is judged by the digest that runs, for who runs it', async () => {
    says(1, 'pass');
    put(runs('web-1', 1));
    put(runs('web-2', 1));
    const running = start();
    await until(() => running.view(0).counts.images.pass === 1);
    expect(rowsOf(running)).toEqual([['Deployment/web', 'pass', false, 2]]);
    expect(asked[0]).toMatchObject({
      ...{ gate: 'runtime', cluster: 'prod', namespace: 'shop', serviceAccount: 'shop/web', user: null },
      groups: [],
    });
    expect(asked[0]?.namespaceLabels).toEqual({ tier: 'front' });
  });

  it('is judged again when something changes, and what went bad is told on its Pods once', async () => {
    says(1, 'pass');
    put(runs('web-1', 1));
    const running = start();
    await until(() => running.view(0).counts.images.pass === 1);
    says(1, 'fail', new Date().toISOString());
    running.poke();
    await until(() => cluster.list(events).length === 1);
    expect(rowsOf(running)).toEqual([['Deployment/web', 'fail', true, 1]]);
    expect(running.view(0).counts).toMatchObject({ refused: 1, wentBad: 1 });
    expect(cluster.list(events)[0]).toMatchObject({
      reason: 'PratiqueImageWentBad',
      type: 'Warning',
      metadata: { namespace: 'shop', name: expect.stringMatching(/^web-1\.[0-9a-f]{16}$/) },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'uid-shop-web-1' },
      message: expect.stringContaining('went bad at'),
    });
    running.poke();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(cluster.list(events)).toHaveLength(1);
  });

  it('is told on no Pod where it was bad when it came', async () => {
    says(1, 'fail', '2026-01-01T00:00:00.000Z');
    put(runs('web-1', 1));
    const running = start();
    await until(() => running.view(0).counts.images.fail === 1);
    expect(rowsOf(running)).toEqual([['Deployment/web', 'fail', false, 1]]);
    expect(cluster.list(events)).toHaveLength(0);
  });

  it('is told to the proxy as it comes and goes, and all of it again after a failure', async () => {
    says(1, 'pass');
    put(runs('web-1', 1));
    const running = start();
    const first = () => told.flatMap(({ running: images }) => images).find(({ team }) => team !== null);
    await until(() => first() !== undefined, 'first');
    expect(told.some(({ whole }) => whole)).toBe(true);
    expect(first()).toEqual({
      ...{ digest: sha(1), namespace: 'shop', workload: 'Deployment/web', team: 'red' },
      image: `registry.corp/team/app:1@${sha(1)}`,
    });
    takesReports = false;
    says(2, 'pass');
    put({ ...runs('db-0', 2), owner: { kind: 'StatefulSet', name: 'db' } });
    cluster.remove(pods, 'shop', 'web-1');
    await until(() => running.view(0).pods === 1);
    const refused = refusedReports;
    await until(() => refusedReports > refused);
    const before = told.length;
    takesReports = true;
    await until(() => told.length > before);
    expect(told[before]).toMatchObject({ whole: true, running: [{ workload: 'StatefulSet/db' }] });
    cluster.remove(pods, 'shop', 'db-0');
    await until(() =>
      told.some(({ stopped }) => stopped.some(({ workload }) => workload === 'StatefulSet/db')),
    );
  });

  it('is not told where it cannot be seen', async () => {
    cluster.script = ({ path }) => (path === pods ? { status: 403 } : null);
    const running = start();
    await until(() => running.view(0).trouble !== null);
    expect(running.view(0)).toMatchObject({ synced: false, leader: true });
    expect(told).toEqual([]);
  });

  it('is in a report of its namespace, which is written when it changes and deleted with the last Pod', async () => {
    says(1, 'fail', '2026-01-01T00:00:00.000Z');
    put(runs('web-1', 1));
    start({ reports: 'wgpolicyk8s.io' });
    await until(() => cluster.list(reports).length === 1);
    expect(cluster.list(reports)[0]).toMatchObject({
      metadata: { name: 'pratique', namespace: 'shop' },
      summary: { fail: 1, pass: 0 },
    });
    const writes = () => cluster.requests.filter(({ method }) => method === 'PATCH');
    expect(writes()[0]?.type).toBe('application/apply-patch+yaml');
    expect(writes()[0]?.query.get('fieldManager')).toBe('pratique');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(writes()).toHaveLength(1);
    cluster.remove(pods, 'shop', 'web-1');
    await until(() => cluster.list(reports).length === 0);
  });

  it('goes on where the cluster does not know the kind of the reports', async () => {
    cluster.script = ({ path }) => (path.includes('policyreports') ? { status: 404 } : null);
    says(1, 'pass');
    put(runs('web-1', 1));
    const running = start({ reports: 'wgpolicyk8s.io' });
    await until(() => running.view(0).counts.images.pass === 1);
    await until(() => told.length > 0);
  });

  it('is not judged by a tag where nobody knows what runs', async () => {
    put({ name: 'web-1', id: sha(9) });
    const running = start();
    await until(() => (running.view(1).rows[0]?.reason ?? null) !== null);
    expect(running.view(1).rows[0]).toMatchObject({
      status: 'unjudged',
      reason: expect.stringContaining('not pulled'),
    });
    expect(asked).toEqual([]);
  });
});

describe('of several processes', () => {
  it('one looks after the cluster, and another takes over when it ends', async () => {
    put(runs('web-1', 1));
    const first = start({ identity: 'first' });
    await until(() => first.view(0).leader);
    const second = start({ identity: 'second' });
    await until(() => second.view(0).holder === 'first');
    expect(second.view(0)).toMatchObject({ leader: false, synced: false, pods: 0 });
    await first.close();
    await until(() => second.view(0).leader && second.view(0).pods === 1);
    expect(cluster.list(leases)[0]).toMatchObject({ spec: { holderIdentity: 'second' } });
  });

  it('one that cannot renew its lease stops', async () => {
    put(runs('web-1', 1));
    const running = start();
    await until(() => running.view(0).synced);
    const [lease] = cluster.list(leases);
    if (lease === undefined) throw new Error('no lease');
    cluster.script = ({ method, path }) => {
      if (method === 'PUT' && path.startsWith('/apis/coordination')) return { status: 409 };
      return null;
    };
    await until(() => !running.view(0).leader);
    expect(running.view(0).pods).toBe(0);
  });
});
