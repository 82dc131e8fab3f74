import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeCluster, startFakeCluster, status } from '../test/support/fake-cluster.ts';
import { clusterClient } from './cluster/client.ts';
import { SharedCertificate } from './shared-certificate.ts';

const path = '/api/v1/namespaces/pratique/secrets/pratique-webhook-tls';
const start = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;

let cluster: FakeCluster;
let days = 0;
let logged: string[] = [];
beforeAll(async () => {
  cluster = await startFakeCluster();
});
afterAll(() => cluster.close());
beforeEach(() => {
  cluster.clear();
  [days, logged] = [0, []];
  cluster.clock = () => start + days * day;
});

function replica(names: readonly string[] = ['localhost'], clock = () => start + days * day) {
  const log = (_fields: object, message: string) => logged.push(message);
  const shared = new SharedCertificate({
    client: clusterClient({ server: cluster.server, options: () => Promise.resolve({}) }),
    secret: { name: 'pratique-webhook-tls', namespace: 'pratique' },
    names,
    now: clock,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  return {
    ensure: (publishedFor: number | null = null) => shared.ensure(() => publishedFor),
    bundle: () => shared.bundle(),
  };
}
const data = () => cluster.get(path)?.data as Record<string, string> | undefined;
const text = (key: string) => Buffer.from(data()?.[key] ?? '', 'base64').toString();
function put(entries: Record<string, string>): void {
  cluster.put(path, {
    metadata: { name: 'pratique-webhook-tls' },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(entries).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  });
}
const all = () => ({
  'ca.crt': text('ca.crt'),
  'ca.key': text('ca.key'),
  'tls.crt': text('tls.crt'),
  'tls.key': text('tls.key'),
});

describe('a certificate in a Secret', () => {
  it('is made by whoever comes first, and served by all', async () => {
    const replicas = Array.from({ length: 5 }, () => replica());
    const found = await Promise.all(replicas.map(({ ensure }) => ensure()));
    expect(new Set(found.map(({ cert }) => cert)).size).toBe(1);
    expect(new Set(found.map(({ ca }) => ca)).size).toBe(1);
    expect(cluster.get(path)).toMatchObject({ type: 'Opaque', metadata: { namespace: 'pratique' } });
    expect(Object.keys(data() ?? {}).sort()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    expect(await replica().bundle()).toBe(found[0]?.ca);
  });

  it('fills a Secret that somebody has made for it, and keeps what else is there', async () => {
    cluster.put(path, { metadata: { name: 'pratique-webhook-tls', labels: { a: 'b' } }, type: 'Opaque' });
    await replica().ensure();
    expect(cluster.get(path)).toMatchObject({ metadata: { labels: { a: 'b' } } });
    expect(cluster.requests.map(({ line }) => line.split(' ')[0])).toEqual(['GET', 'PUT']);
  });

  it('is renewed once, whoever sees it first', async () => {
    const replicas = [replica(), replica(), replica()];
    const [first] = await Promise.all(replicas.map(({ ensure }) => ensure()));
    days = 340;
    const second = await Promise.all(replicas.map(({ ensure }) => ensure()));
    expect(new Set(second.map(({ cert }) => cert)).size).toBe(1);
    expect(second[0]?.cert).not.toBe(first?.cert);
    expect(second[0]?.ca).toBe(first?.ca);
  });

  it('comes back as it was when the Secret is deleted, even from two at once', async () => {
    const replicas = [replica(), replica()];
    const [first] = await Promise.all(replicas.map(({ ensure }) => ensure()));
    const before = all();
    cluster.remove(path);
    const again = await Promise.all(replicas.map(({ ensure }) => ensure()));
    expect(all()).toEqual(before);
    expect(new Set([first, ...again].map((one) => one?.cert)).size).toBe(1);
    expect(logged[0]).toContain('is gone');
  });

  it('moves to another authority in steps that replicas agree on', async () => {
    const replicas = [replica(), replica()];
    await Promise.all(replicas.map(({ ensure }) => ensure()));
    days = 3650 - 100;
    const told = await Promise.all(replicas.map(({ ensure }) => ensure(0)));
    expect(new Set(told.map(({ ca }) => ca)).size).toBe(1);
    expect(text('next-ca.key')).not.toBe('');
    const moved = await Promise.all(replicas.map(({ ensure }) => ensure(11 * 60_000)));
    expect(new Set(moved.map(({ cert }) => cert)).size).toBe(1);
    expect(text('next-ca.key')).toBe('');
    const [signing = ''] = [moved[0]?.ca ?? ''];
    expect(new X509Certificate(moved[0]?.cert ?? '').verify(new X509Certificate(signing).publicKey)).toBe(
      true,
    );
  });

  it('takes its times from the API server, and says where the clock here is another', async () => {
    const ahead = replica(['localhost'], () => start + 4000 * day);
    const { expires } = await ahead.ensure();
    expect(expires).toBe('2027-06-01T00:00:00.000Z');
    expect((await replica().ensure()).made).toBe('nothing');
    expect(logged).toEqual([expect.stringContaining('clock')]);
  });

  const damages: readonly [what: string, spoil: () => void, told: string][] = [
    ['a certificate that is damaged', () => put({ ...all(), 'tls.crt': 'x' }), 'tls.crt of the Secret'],
    ['a bundle that is damaged', () => put({ ...all(), 'ca.crt': 'x' }), 'ca.crt of the Secret'],
    ['no bundle', () => put({ 'tls.crt': text('tls.crt') }), 'is missing, though tls.crt is there'],
    ['the key of another', () => put({ ...all(), 'ca.key': text('tls.key') }), 'is not the key'],
  ];
  it.each(damages)('is not written over where there is %s', async (_what, spoil, told) => {
    await replica().ensure();
    spoil();
    const before = data();
    await expect(replica().ensure()).rejects.toMatchObject({
      code: 'data-unusable',
      message: expect.stringContaining(told),
    });
    expect(data()).toEqual(before);
  });

  it.each([
    ['reading', [status(403)], 'resourceNames: [pratique-webhook-tls], verbs: [get, update]'],
    ['creating', ['as it is', status(403)] as const, 'resources: [secrets], verbs: [create]'],
    ['the namespace', ['as it is', status(404)] as const, 'make the namespace "pratique"'],
  ])('says what is missing for %s', async (_what, script, told) => {
    cluster.script = [...script];
    await expect(replica().ensure()).rejects.toThrow(told);
  });

  it('gives up where somebody else writes all the time', async () => {
    cluster.admit = () => status(409);
    await expect(replica().ensure()).rejects.toMatchObject({ code: 'upstream-refused' });
    expect(cluster.requests.length).toBeLessThan(30);
  });
});
