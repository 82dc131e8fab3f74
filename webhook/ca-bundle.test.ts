import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeCluster, type FakeStep, startFakeCluster, status } from '../test/support/fake-cluster.ts';
import { publishCaBundle, writeCaBundle } from './ca-bundle.ts';
import { type ClusterClient, clusterClient } from './cluster/client.ts';

const ca = '-----BEGIN CERTIFICATE-----\nnew\n-----END CERTIFICATE-----\n';
const other = '-----BEGIN CERTIFICATE-----\nold\n-----END CERTIFICATE-----\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const group = '/apis/admissionregistration.k8s.io/v1';
const path = `${group}/validatingwebhookconfigurations/pratique`;
const mutatingPath = `${group}/mutatingwebhookconfigurations/pratique`;

let cluster: FakeCluster;
beforeAll(async () => {
  cluster = await startFakeCluster();
});
afterAll(async () => {
  await cluster.close();
});
beforeEach(() => {
  cluster.requests.length = 0;
  cluster.script = [];
  cluster.remove(mutatingPath);
  put(path, [null, other]);
});

function put(at: string, bundles: readonly (string | null)[]): void {
  cluster.put(at, {
    metadata: { name: 'pratique' },
    webhooks: bundles.map((bundle, index) => ({
      name: `w${index}.pratique.dev`,
      clientConfig: bundle === null ? {} : { caBundle: base64(bundle) },
    })),
  });
}

function bundlesOf(at = path): (string | null)[] {
  const { webhooks } = cluster.get(at) as unknown as { webhooks: { clientConfig: { caBundle?: string } }[] };
  return webhooks.map(({ clientConfig: { caBundle } }) =>
    caBundle === undefined ? null : Buffer.from(caBundle, 'base64').toString(),
  );
}

function clientOf(server = cluster.server): ClusterClient {
  return clusterClient({
    server,
    options: () => Promise.resolve({ headers: { Authorization: 'Bearer secret' } }),
  });
}

const write = (client = clientOf(), signal = new AbortController().signal) =>
  writeCaBundle({ client, configuration: 'pratique', ca: () => Promise.resolve(ca) }, signal);
const lines = () => cluster.requests.map(({ line }) => line);
const get = `GET ${path}`;
const patch = `PATCH ${path}?fieldManager=pratique`;
const getMutating = `GET ${mutatingPath}`;

describe('the caBundle of a configuration', () => {
  const rows: readonly [what: string, before: (string | null)[], sent: string[], changed: number][] = [
    ['is set where there is none', [null], [get, patch, getMutating], 1],
    ['is replaced where it is another', [other], [get, patch, getMutating], 1],
    ['is set in every webhook', [null, other, other], [get, patch, getMutating], 3],
    ['is set only where it differs', [ca, other], [get, patch, getMutating], 1],
    ['is left alone where it is right', [ca, ca], [get, getMutating], 0],
    ['is left alone where a blank line alone differs', [`${ca}\n`], [get, getMutating], 0],
    ['is replaced where it holds one authority more', [`${ca}${other}`], [get, patch, getMutating], 1],
  ];
  it.each(rows)('%s', async (_what, before, sent, changed) => {
    put(path, before);
    expect(await write()).toEqual({ changed, ca });
    expect(lines()).toEqual(sent);
    expect(bundlesOf().map((bundle) => bundle?.trim())).toEqual(before.map(() => ca.trim()));
  });

  it('is patched with the token, under a test of what was read, touching nothing else', async () => {
    const version = cluster.get(path)?.metadata.resourceVersion;
    await write();
    expect(cluster.requests[1]).toMatchObject({
      token: 'Bearer secret',
      type: 'application/json-patch+json',
    });
    expect(cluster.requests[1]?.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: version },
      { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64(ca) },
      { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: base64(ca) },
    ]);
  });

  const rule =
    '{ apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], resourceNames: [pratique], verbs: [get, patch] }';
  const faults: readonly [what: string, replies: FakeStep[], code: string, told: string][] = [
    [
      'the configuration is missing',
      [status(404)],
      'config-invalid',
      '"pratique" is not in the cluster; apply one',
    ],
    ['reading is forbidden', [status(403)], 'config-invalid', `(because); its role needs the rule ${rule}`],
    ['patching is forbidden', ['as it is', status(403)], 'config-invalid', rule],
    ['the token is refused', [status(401)], 'config-invalid', "does not accept Pratique's credentials"],
    ['somebody else was faster', ['as it is', status(422)], 'upstream-refused', 'changed it meanwhile'],
    ['there is a conflict', ['as it is', status(409)], 'upstream-refused', 'changed it meanwhile'],
    ['the API server fails', [status(500)], 'upstream-refused', 'answered 500'],
    [
      'a page comes instead',
      [{ status: 503, body: '<p>no\nway</p>' }],
      'upstream-refused',
      '(<p>no way</p>)',
    ],
    ['an answer is no JSON', [{ status: 200, body: '{' }], 'upstream-misbehaved', 'cannot be read'],
    ['the connection breaks', ['hang up'], 'upstream-unreachable', 'cannot be asked'],
    [
      'an answer is something else',
      [{ status: 200, body: '{"webhooks":[{"name":"w","clientConfig":{}}]}' }],
      'upstream-misbehaved',
      'cannot be read: metadata: ',
    ],
    [
      'it has no webhooks',
      [{ status: 200, body: '{"metadata":{"resourceVersion":"1"}}' }],
      'config-invalid',
      'has no webhooks',
    ],
  ];
  it.each(faults)('is a named error when %s', async (_what, replies, code, told) => {
    cluster.script = replies;
    await expect(write()).rejects.toMatchObject({
      name: 'PratiqueError',
      code,
      message: expect.stringContaining(told),
    });
    expect(bundlesOf()).toEqual([null, other]);
  });

  it('is a named error when nobody listens', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(write(clientOf(`http://127.0.0.1:${port}`))).rejects.toMatchObject({
      code: 'upstream-unreachable',
    });
  });
});

describe('the mutating configuration', () => {
  it('of the same name is told too', async () => {
    put(mutatingPath, [null]);
    expect(await write()).toEqual({ changed: 3, ca });
    expect(bundlesOf(mutatingPath)).toEqual([ca]);
  });

  it('needs a rule of its own', async () => {
    cluster.script = ['as it is', 'as it is', status(403)];
    await expect(write()).rejects.toThrow(
      'read and patch the MutatingWebhookConfiguration "pratique" (because); its role needs the rule { apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations], resourceNames: [pratique], verbs: [get, patch] }',
    );
  });
});

describe('two replicas', () => {
  it('do not take back what the other has written: the bundle is read after the configuration', async () => {
    const newer = `${ca}${other}`;
    let first = true;
    const slow = async (): Promise<string> => {
      // The other replica comes in between, and has the newer bundle.
      if (first) {
        first = false;
        await writeCaBundle(
          { client: clientOf(), configuration: 'pratique', ca: () => Promise.resolve(newer) },
          new AbortController().signal,
        );
      }
      return ca;
    };
    const late = writeCaBundle(
      { client: clientOf(), configuration: 'pratique', ca: slow },
      new AbortController().signal,
    );
    await expect(late).rejects.toThrow('somebody else may have changed it');
    expect(bundlesOf()).toEqual([newer, newer]);
  });
});

describe('publishing', () => {
  /** Runs until `looks` waits have been asked for; the time passes at once. */
  async function publish(looks: number, before: (look: number) => void = () => undefined) {
    const waits: number[] = [];
    const logged: string[] = [];
    const log = (level: string) => (fields: object, message: string) => {
      const error: unknown = 'err' in fields ? fields.err : null;
      logged.push(`${level} ${message}${error instanceof Error ? `: ${error.message}` : ''}`);
    };
    await new Promise<void>((resolve) => {
      const publishing = publishCaBundle({
        client: clientOf(),
        configuration: 'pratique',
        ca: () => Promise.resolve(ca),
        logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
        wait: async (milliseconds) => {
          waits.push(milliseconds);
          if (waits.length === looks) {
            // Not awaited here: the closing waits for this very call.
            publishing.close().then(resolve, resolve);
          } else before(waits.length);
        },
      });
    });
    return { waits, logged };
  }

  it('waits for a configuration that comes later', async () => {
    cluster.script = [status(404), status(404)];
    const { waits, logged } = await publish(3);
    expect(waits).toEqual([1000, 2000, 10_000]);
    expect(bundlesOf()).toEqual([ca, ca]);
    expect(logged).toEqual([
      expect.stringMatching(/^warn .*"pratique" is not in the cluster; apply one/),
      expect.stringMatching(/^warn .*"pratique" is not in the cluster; apply one/),
      "info the API server knows the webhook's certificate authority",
    ]);
  });

  it('never waits longer than a minute, and begins anew after a success', async () => {
    cluster.script = [
      ...Array.from({ length: 11 }, () => status(500)),
      'as it is',
      'as it is',
      'as it is',
      status(500),
    ];
    const { waits } = await publish(13);
    expect(waits.map((wait) => wait / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 10, 1]);
  });

  it('reads what somebody else wrote and tries again', async () => {
    cluster.script = ['as it is', status(422)];
    const { waits } = await publish(2);
    expect([waits, bundlesOf()]).toEqual([
      [1000, 10_000],
      [ca, ca],
    ]);
  });

  it('looks again, is silent while all is well, and sets and tells what was taken away', async () => {
    const { logged } = await publish(3, (look) => {
      if (look === 2) put(path, [null]);
    });
    expect(lines().filter((line) => line !== getMutating)).toEqual([get, patch, get, get, patch]);
    expect(logged).toEqual([
      expect.stringMatching(/^info the API server knows/),
      expect.stringMatching(/^warn .*changed by somebody else/),
    ]);
  });

  it('ends at once, also while the API server keeps silent or while it waits', async () => {
    const logged: string[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields: object, message: string) => logged.push(message),
      error: (_fields: object, message: string) => logged.push(message),
    };
    for (const reply of ['silence', 'as it is'] as const) {
      cluster.requests.length = 0;
      put(path, [ca]);
      cluster.script = [reply];
      const publishing = publishCaBundle({
        client: clientOf(),
        configuration: 'pratique',
        ca: () => Promise.resolve(ca),
        logger,
      });
      for (let tries = 0; cluster.requests.length === 0 && tries < 4000; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(lines()[0]).toBe(get);
      await publishing.close();
    }
    expect(logged).toEqual([]);
  });
});
