import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { askers, digest, startTestServer, type TestServer } from '../samples.ts';

/** What Gatekeeper is answered as the client of an external data provider. */
let at: TestServer;
let labels: Record<string, string> | null = {};
beforeAll(async () => {
  at = await startTestServer({
    cluster: 'prod',
    gatekeeper: { within: 300, clients: null },
    namespaces: { labelsOf: () => Promise.resolve(labels), close: () => undefined },
  });
});
afterAll(async () => {
  await at.close();
});
beforeEach(() => {
  labels = {};
  for (const list of [askers, at.decisions, at.errors]) list.length = 0;
});

const apiVersion = 'externaldata.gatekeeper.sh/v1beta1';
const asked = (keys: readonly unknown[]) => ({ apiVersion, kind: 'ProviderRequest', request: { keys } });
const key = (image: string, fields: object = {}) =>
  JSON.stringify({
    ...{ image, namespace: 'default', labels: {}, serviceAccount: '', user: 'ada', groups: ['dev'] },
    ...fields,
  });

interface Answered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly idempotent: boolean;
    readonly systemError?: string;
    readonly items: readonly {
      readonly key: string;
      readonly value?: Readonly<Record<string, unknown>> | string;
      readonly error?: string;
    }[];
  };
}

async function answered(keys: readonly unknown[], path = '/gatekeeper'): Promise<Answered['response']> {
  const { status, text } = await at.send(path, JSON.stringify(asked(keys)));
  if (status !== 200) throw new Error(`the request was answered ${status}: ${text}`);
  const answer = JSON.parse(text) as Answered;
  expect([answer.apiVersion, answer.kind]).toEqual([apiVersion, 'ProviderResponse']);
  expect(answer.response.idempotent).toBe(true);
  return answer.response;
}

describe('an image and for whom it would run', () => {
  it.each<[image: string, fields: object, allowed: boolean, reason: string]>([
    ['reg.corp/app/good:1', {}, true, ''],
    ['reg.corp/app/bad:1', {}, false, 'CVE-2024-1'],
    ['reg.corp/app/bad:1', { namespace: 'warned' }, true, 'CVE-2024-1'],
    ['evil.example/x:1', {}, false, 'not known to Pratique'],
    ['reg.corp/app/good:1:2', {}, false, 'is not an image reference'],
    ['reg.corp/app/slow:1', { namespace: 'lenient' }, true, 'being inspected'],
    ['reg.corp/app/unread:1', {}, false, 'no advisories cover'],
  ])('%s %j: %s', async (image, fields, allowed, reason) => {
    const { items, systemError } = await answered([key(image, fields)]);
    expect(systemError).toBeUndefined();
    expect(items).toEqual([
      {
        key: key(image, fields),
        value: expect.objectContaining({ allowed, reason: expect.stringContaining(reason) }),
      },
    ]);
  });

  it('has a value of the same shape whatever is said', async () => {
    const { items } = await answered([key('reg.corp/app/bad:1'), key('evil.example/x:1')]);
    expect(items.map(({ value }) => value)).toEqual([
      {
        ...{ allowed: false, status: 'fail', reason: expect.any(String) },
        ...{ image: `reg.corp/app/bad:1@${digest}`, digest },
        ...{ binding: 'default', policy: 'baseline', mode: 'enforce' },
      },
      {
        ...{ allowed: false, status: 'error', reason: expect.any(String) },
        ...{ image: 'evil.example/x:1', digest: '' },
        ...{ binding: 'default', policy: 'baseline', mode: 'enforce' },
      },
    ]);
  });

  it.each([
    ['is being inspected', 'reg.corp/app/slow:1'],
    ['has a gate that hangs', 'reg.corp/app/hung:1'],
    ['has a registry that is silent', 'reg.corp/app/silent:1'],
    ['has a registry that is away', 'reg.corp/app/away:1'],
    ['is not there yet', 'reg.corp/app/gone:1'],
    ['meets a full queue', 'reg.corp/app/thrown:1'],
    ['meets a defect', 'reg.corp/app/broken:1'],
  ])('is left out of what Gatekeeper remembers where it %s, and the others are not', async (_what, image) => {
    const good = key('reg.corp/app/good:1');
    const { items, systemError } = await answered([key(image), good]);
    expect(items.map((item) => item.key)).toEqual([good]);
    expect(systemError).toMatch(/try again/);
  });

  it('is judged for whom the key names', async () => {
    labels = { tier: 'db' };
    const fields = { namespace: 'shop', labels: { app: 'x' }, serviceAccount: 'till' };
    await answered([key('reg.corp/app/good:1', fields)]);
    expect(askers).toEqual([
      {
        ...{ gate: 'admission', cluster: 'prod', namespace: 'shop', namespaceLabels: { tier: 'db' } },
        ...{ workloadLabels: { app: 'x' }, serviceAccount: 'shop/till', user: 'ada', groups: ['dev'] },
      },
    ]);
  });

  it('is judged for nobody in particular where Gatekeeper audits', async () => {
    await answered([
      key('reg.corp/app/good:1', { user: '', groups: [], labels: null, serviceAccount: null }),
    ]);
    expect(askers).toMatchObject([
      { user: null, groups: [], workloadLabels: {}, serviceAccount: 'default/default' },
    ]);
  });

  it.each<[what: string, key: string, told: string]>([
    ['an image alone', 'reg.corp/app/good:1', 'a key is JSON'],
    ['no object', '1', 'a key is JSON'],
    ['no namespace', key('reg.corp/app/good:1', { namespace: undefined }), 'namespace: '],
    ['an empty namespace', key('reg.corp/app/good:1', { namespace: '' }), 'namespace: '],
    ['no labels', key('reg.corp/app/good:1', { labels: undefined }), 'labels: '],
    ['no user', key('reg.corp/app/good:1', { user: undefined }), 'user: '],
    ['a field that is not known', key('reg.corp/app/good:1', { mode: 'audit' }), 'mode'],
    ['too many groups', key('reg.corp/app/good:1', { groups: Array(501).fill('g') }), '501 groups'],
    ['labels that are no texts', key('reg.corp/app/good:1', { labels: { a: 1 } }), 'labels.a'],
  ])('is an error with a key that has %s', async (_what, wrong, told) => {
    const { items } = await answered([wrong]);
    expect(items).toEqual([{ key: wrong, error: expect.stringContaining(told) }]);
  });

  it('is answered once for a key that comes twice', async () => {
    const good = key('reg.corp/app/good:1');
    expect((await answered([good, good])).items).toHaveLength(1);
  });

  it('is not answered for too many keys', async () => {
    const { items, systemError } = await answered(Array.from({ length: 101 }, (_, i) => key(`a:${i}`)));
    expect([items, systemError]).toEqual([[], expect.stringContaining('101 keys')]);
  });

  it('is counted', async () => {
    await answered([key('reg.corp/app/good:1'), key('reg.corp/app/slow:1')]);
    expect(at.decisions.map(({ allowed, status }) => [allowed, status])).toEqual([
      [true, 'pass'],
      [false, 'pending'],
    ]);
  });
});

describe('an image that is to be pinned', () => {
  const pinned = 'reg.corp/app/good:1';
  it.each<[what: string, image: string, value: string]>([
    ['by tag', pinned, `${pinned}@${digest}`],
    ['without tag', 'reg.corp/app/good', `reg.corp/app/good@${digest}`],
    ['by its short name', 'good', `docker.io/library/good@${digest}`],
    ['by digest', `reg.corp/app/good@${digest}`, `reg.corp/app/good@${digest}`],
    ['by both', `${pinned}@${digest}`, `${pinned}@${digest}`],
    ['whatever is said of it', 'reg.corp/app/bad:1', `reg.corp/app/bad:1@${digest}`],
    ['on a registry that is not known', 'evil.example/x:1', 'evil.example/x:1'],
    ['that is no reference', 'a:b:c', 'a:b:c'],
  ])('%s', async (_what, image, value) => {
    expect(await answered([image], '/gatekeeper/pin')).toEqual({
      idempotent: true,
      items: [{ key: image, value }],
    });
    // Mutations are tried again, and the result must not change any more.
    expect((await answered([value], '/gatekeeper/pin')).items).toEqual([{ key: value, value }]);
  });

  it.each([
    ['its registry is silent', 'reg.corp/app/silent:1', 'has not answered'],
    ['it is not there yet', 'reg.corp/app/gone:1', 'is not there'],
  ])('is left out where %s', async (_what, image, told) => {
    const { items, systemError } = await answered([image, pinned], '/gatekeeper/pin');
    expect(items).toEqual([{ key: pinned, value: `${pinned}@${digest}` }]);
    expect(systemError).toContain(told);
  });
});

describe('who asks', () => {
  it.each([
    ['null', null, 'the body: '],
    ['another kind', { ...asked([]), kind: 'ProviderResponse' }, 'kind: allowed: ProviderRequest'],
    ['another version', { ...asked([]), apiVersion: 'externaldata.gatekeeper.sh/v1alpha1' }, 'apiVersion'],
    ['no request', { ...asked([]), request: undefined }, 'request'],
    ['keys that are no texts', asked([1]), 'request.keys.0'],
  ])('is told what is wrong with %s', async (_what, body, told) => {
    for (const path of ['/gatekeeper', '/gatekeeper/pin']) {
      const reply = await at.send(path, JSON.stringify(body));
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(told)]);
    }
  });

  it.each([
    ['/gatekeeper', 'TLSv1.2', 403],
    ['/gatekeeper/pin', 'TLSv1.2', 403],
    ['/gatekeeper', 'TLSv1.3', 200],
    ['/validate', 'TLSv1.2', 400],
  ] as const)('at %s over %s is answered %d', async (path, maxVersion, status) => {
    const reply = await new Promise<number>((resolve, reject) => {
      const outgoing = request(
        {
          ...{ host: '127.0.0.1', port: at.port, path, method: 'POST', agent: false, maxVersion },
          ...{ ca: at.tls.ca, servername: 'localhost', headers: { 'Content-Type': 'application/json' } },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify(asked([])));
    });
    expect(reply).toBe(status);
  });
});
