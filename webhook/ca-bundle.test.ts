import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { publishCaBundle, writeCaBundle } from './ca-bundle.ts';

const ca = '-----BEGIN CERTIFICATE-----\nnew\n-----END CERTIFICATE-----\n';
const other = '-----BEGIN CERTIFICATE-----\nold\n-----END CERTIFICATE-----\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique';

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** An API server that holds one configuration, and answers by a script as long as there is one. */
let server: Server;
let bundles: (string | null)[] = [];
let version = 1;
let requests: {
  readonly line: string;
  readonly token: string;
  readonly type: string;
  readonly body: unknown;
}[];
let script: (Reply | 'as it is' | 'silence' | 'hang up')[];

const status = (code: number, message = 'because') => ({
  status: code,
  body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message }),
});
const stored = (): Reply => ({
  status: 200,
  body: JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'pratique', resourceVersion: String(version) },
    webhooks: bundles.map((bundle, index) => ({
      name: `w${index}.pratique.dev`,
      clientConfig: bundle === null ? {} : { caBundle: base64(bundle) },
    })),
  }),
});

beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await bodyOf(request);
      requests.push({
        line: `${request.method} ${request.url}`,
        token: request.headers.authorization ?? '',
        type: request.headers['content-type'] ?? '',
        body,
      });
      const next = script.shift();
      if (next === 'silence') return;
      if (next === 'hang up') {
        response.destroy();
        return;
      }
      const reply =
        next !== undefined && next !== 'as it is'
          ? next
          : request.method === 'PATCH'
            ? patched(body)
            : stored();
      response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(reply.body);
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [bundles, version, requests, script] = [[null, other], 7, [], []];
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

/** As an API server does it: all operations or none. */
function patched(body: unknown): Reply {
  const operations = body as { op: string; path: string; value: string }[];
  for (const { op, path: at, value } of operations) {
    if (op === 'test' && (at !== '/metadata/resourceVersion' || value !== String(version)))
      return status(422);
  }
  for (const { op, path: at, value } of operations) {
    const index = /^\/webhooks\/(\d+)\/clientConfig\/caBundle$/.exec(at)?.[1];
    if (op === 'add' && index !== undefined) bundles[Number(index)] = Buffer.from(value, 'base64').toString();
  }
  version += 1;
  return stored();
}

function kubeConfig(port = (server.address() as AddressInfo).port): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'test', skipTLSVerify: true, server: `http://127.0.0.1:${port}` },
    { name: 'pratique', token: 'secret' },
  );
  return config;
}

const write = (config = kubeConfig(), signal = new AbortController().signal) =>
  writeCaBundle({ kubeConfig: config, configuration: 'pratique', ca }, signal);
const lines = () => requests.map(({ line }) => line);
const get = `GET ${path}`;
const patch = `PATCH ${path}?fieldManager=pratique`;

describe('the caBundle of a configuration', () => {
  const rows: readonly [what: string, before: (string | null)[], sent: string[], changed: number][] = [
    ['is set where there is none', [null], [get, patch], 1],
    ['is replaced where it is another', [other], [get, patch], 1],
    ['is set in every webhook', [null, other, other], [get, patch], 3],
    ['is set only where it differs', [ca, other], [get, patch], 1],
    ['is left alone where it is right', [ca, ca], [get], 0],
    ['is left alone where a blank line alone differs', [`${ca}\n`], [get], 0],
    ['is replaced where it holds one authority more', [`${ca}${other}`], [get, patch], 1],
  ];
  it.each(rows)('%s', async (_what, before, sent, changed) => {
    bundles = before;
    expect(await write()).toBe(changed);
    expect(lines()).toEqual(sent);
    expect(bundles.map((bundle) => bundle?.trim())).toEqual(before.map(() => ca.trim()));
  });

  it('is patched with the token, under a test of what was read, touching nothing else', async () => {
    await write();
    expect(requests[1]).toMatchObject({ token: 'Bearer secret', type: 'application/json-patch+json' });
    expect(requests[1]?.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: base64(ca) },
      { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: base64(ca) },
    ]);
  });

  const rule =
    '{ apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], resourceNames: [pratique], verbs: [get, patch] }';
  const faults: readonly [what: string, replies: typeof script, code: string, told: string][] = [
    [
      'the configuration is missing',
      [status(404)],
      'config-invalid',
      '"pratique" is not in the cluster; apply one',
    ],
    [
      'reading is forbidden',
      [status(403)],
      'config-invalid',
      `(because); its ClusterRole needs the rule ${rule}`,
    ],
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
      'has no resourceVersion',
    ],
    ['it has no webhooks', [{ status: 200, body: '{}' }], 'config-invalid', 'has no webhooks'],
  ];
  it.each(faults)('is a named error when %s', async (_what, replies, code, told) => {
    script = replies;
    await expect(write()).rejects.toMatchObject({
      name: 'PratiqueError',
      code,
      message: expect.stringContaining(told),
      fields: { configuration: 'pratique' },
    });
    expect(bundles).toEqual([null, other]);
  });

  it('is a named error when nobody listens', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(write(kubeConfig(port))).rejects.toMatchObject({ code: 'upstream-unreachable' });
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
        kubeConfig: kubeConfig(),
        configuration: 'pratique',
        ca,
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
    script = [status(404), status(404)];
    const { waits, logged } = await publish(3);
    expect(waits).toEqual([1000, 2000, 300_000]);
    expect(bundles).toEqual([ca, ca]);
    expect(logged).toEqual([
      expect.stringMatching(/^warn .*"pratique" is not in the cluster; apply one/),
      expect.stringMatching(/^warn .*"pratique" is not in the cluster; apply one/),
      "info the API server knows the webhook's certificate authority",
    ]);
  });

  it('never waits longer than 5 minutes, and begins anew after a success', async () => {
    script = [...Array.from({ length: 11 }, () => status(500)), stored(), stored(), status(500)];
    const { waits } = await publish(13);
    expect(waits.map((wait) => wait / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 1]);
  });

  it('reads what somebody else wrote and tries again', async () => {
    script = [stored()];
    version = 8;
    const { waits } = await publish(2);
    expect([waits, bundles]).toEqual([
      [1000, 300_000],
      [ca, ca],
    ]);
  });

  it('looks again, is silent while all is well, and sets and tells what was taken away', async () => {
    const { logged } = await publish(3, (look) => {
      if (look === 2) bundles = [null];
    });
    expect(lines()).toEqual([get, patch, get, get, patch]);
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
      requests.length = 0;
      bundles = [ca];
      script = [reply];
      const publishing = publishCaBundle({ kubeConfig: kubeConfig(), configuration: 'pratique', ca, logger });
      for (let tries = 0; requests.length === 0 && tries < 400; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(lines()).toEqual([get]);
      await publishing.close();
    }
    expect(logged).toEqual([]);
  });
});
