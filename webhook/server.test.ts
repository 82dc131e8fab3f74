import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Addressing, Clearance, Gate } from '../core/ports/gate.ts';
import type { Logger } from '../core/ports/logger.ts';
import { formatPointer } from '../core/repository.ts';
import type { Verdict, VerdictStatus } from '../core/verdict.ts';
import { ensureCertificate, type ServerCertificate } from './certificate.ts';
import { createWebhookServer, type ReviewOutcome } from './server.ts';

function digestOf(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}
const digest = digestOf('a');
const manifest: StoredManifest = {
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: new Uint8Array(),
  manifest: { kind: 'index', mediaType: '', subject: null, hazards: [], manifests: [] },
};
const verdict: Verdict = {
  status: 'fail',
  policy: 'baseline',
  policyRevision: '0',
  advisoriesRevision: '0',
  scanner: 's',
  rules: [{ id: 'critical-with-fix', action: 'deny', title: 'Critical', remedy: null, findings: 1 }],
  reasons: [],
  summary: {
    counts: { critical: 1, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
    fixable: 1,
    worst: [
      {
        id: 'CVE-2024-1',
        aliases: [],
        package: 'openssl',
        version: '3.0.1',
        severity: 'critical',
        fixedVersion: '3.0.2',
        kev: false,
        status: 'fixed',
      },
    ],
  },
  coverage: [],
  suppressed: [],
  evaluatedAt: '2026-06-01T00:00:00.000Z',
  validUntil: null,
  next: null,
};

function clearance(status: VerdictStatus, fields: Partial<Clearance> = {}): Clearance {
  return { digest, status, reasons: [], platforms: [], transient: false, ...fields };
}
const ofPlatforms = (...statuses: VerdictStatus[]): Partial<Clearance> => ({
  platforms: statuses.map((status, index) => ({
    platform: `linux/${index === 0 ? 'amd64' : 'arm64'}`,
    digest,
    status,
    verdict: { ...verdict, status: status === 'pending' ? 'error' : status },
    failure: null,
  })),
});

const never = new Promise<never>(() => undefined);
type Answer = () => Clearance | Promise<Clearance>;
/** What the gate says of a repository's path. */
const answers = new Map<string, Answer>([
  ['good', () => clearance('pass')],
  ['warned', () => clearance('warn', { reasons: ['CVE-2024-2 high in zlib \u2014 (fixed in 2)'] })],
  ['bad', () => clearance('fail', ofPlatforms('fail'))],
  ['half', () => clearance('fail', ofPlatforms('pass', 'fail'))],
  ['unread', () => clearance('error', { reasons: ['no advisories cover Alpine:v3.19 (15 packages)'] })],
  ['away', () => clearance('error', { reasons: ['the upstream does not answer'], transient: true })],
  ['slow', () => clearance('pending', { transient: true })],
  ['hung', () => never],
  ['endless', () => clearance('fail', { reasons: [`${'é\r\n'.repeat(9000)}`] })],
  ['thrown', () => Promise.reject(new PratiqueError('queue-full', 'the queue is full'))],
  ['broken', () => Promise.reject(new TypeError('x is undefined'))],
]);
let asked: string[] = [];
const gate: Pick<Gate, 'resolve' | 'settled'> = {
  resolve: (address, pointer) => {
    asked.push(formatPointer(address, pointer));
    if (address.path === 'app/gone') {
      return Promise.reject(new PratiqueError('manifest-unknown', 'reg.corp/app/gone:latest is not there'));
    }
    return address.path === 'app/silent' ? never : Promise.resolve(manifest);
  },
  settled: async (address, _manifest, scope) => {
    if (scope !== 'admit') throw new Error('asked for serving');
    const answer = answers.get(address.path.split('/').at(-1) ?? '');
    return answer === undefined ? clearance('error') : await answer();
  },
};
const addressing: Addressing = {
  locate: (registry, path) =>
    registry === 'reg.corp' || registry === 'docker.io'
      ? { upstream: registry, namespace: registry, path }
      : null,
};

let folder = '';
let tls: ServerCertificate;
let server: ReturnType<typeof createWebhookServer>;
let agent: Agent;
let port = 0;
let outcomes: ReviewOutcome[] = [];
let errors: string[] = [];
let notReady: string[] = [];
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (_fields, message) => errors.push(message),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pratique-webhook-'));
  tls = await ensureCertificate({
    folder,
    names: ['localhost', 'pratique-webhook.pratique.svc'],
    now: Date.now,
  });
  server = createWebhookServer({
    gate,
    addressing,
    logger,
    tls,
    now: Date.now,
    onReview: (outcome) => outcomes.push(outcome),
    notReady: () => notReady,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  agent = new Agent({ ca: tls.ca, keepAlive: true, servername: 'pratique-webhook.pratique.svc' });
});
afterAll(async () => {
  agent.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  outcomes = [];
  errors = [];
  notReady = [];
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function send(
  path: string,
  body: string | Buffer | null,
  headers: Record<string, string> = {},
  method?: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: method ?? (body === null ? 'GET' : 'POST'),
        headers: body === null ? headers : { 'Content-Type': 'application/json', ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

interface Answered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly message: string };
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
  };
}

const podOf = (...images: (string | null)[]) => ({
  spec: { containers: images.map((image, i) => ({ name: `c${i}`, ...(image === null ? {} : { image }) })) },
});
const review = (fields: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: 'p',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'ada' },
    object: podOf('reg.corp/app/good:1'),
    oldObject: null,
    dryRun: false,
    options: null,
    ...fields,
  },
});

async function reviewed(fields: object, query = '?timeout=10s'): Promise<Answered> {
  const { status, text } = await send(`/validate${query}`, JSON.stringify(review(fields)));
  expect(status).toBe(200);
  return JSON.parse(text) as Answered;
}

const deployment = { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } };
const templateOf = (...images: (string | null)[]) => ({ spec: { replicas: 1, template: podOf(...images) } });
const update = (before: object, after: object, more: object = {}) => ({
  operation: 'UPDATE',
  oldObject: before,
  object: after,
  ...more,
});
const ephemeral = (image: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, ephemeralContainers: [{ name: 'debug', image }] },
});
const volume = (reference: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, volumes: [{ name: 'v', image: { reference } }] },
});
const init = (image: string) => ({
  spec: { ...podOf('reg.corp/app/good').spec, initContainers: [{ name: 'setup', image }] },
});

describe('a review', () => {
  const bad = `container "c0": reg.corp/app/bad:1@${digest}: 1 finding denies (critical-with-fix): CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2)`;
  const rows: readonly [what: string, request: object, told: string | null][] = [
    ['a Pod with a cleared image', {}, null],
    ['a Pod with a refused image', { object: podOf('reg.corp/app/bad:1') }, bad],
    [
      'one refused image of two',
      { object: podOf('reg.corp/app/good:1', 'reg.corp/app/bad:1') },
      'container "c1": reg.corp/app/bad:1@sha256:aaaa',
    ],
    [
      'one image in two containers',
      { object: podOf('reg.corp/app/bad', 'reg.corp/app/bad') },
      'container "c0", container "c1": reg.corp/app/bad@sha256:aaaa',
    ],
    [
      'a refused init container',
      { object: init('reg.corp/app/bad') },
      'init container "setup": reg.corp/app/bad@',
    ],
    ['a refused image volume', { object: volume('reg.corp/app/bad') }, 'volume "v": reg.corp/app/bad@'],
    [
      'a refused ephemeral container',
      update(podOf('reg.corp/app/good'), ephemeral('reg.corp/app/bad'), {
        subResource: 'ephemeralcontainers',
      }),
      'ephemeral container "debug": reg.corp/app/bad@',
    ],
    [
      'a cleared ephemeral container',
      update(podOf('reg.corp/app/good'), ephemeral('reg.corp/app/good:2'), {
        subResource: 'ephemeralcontainers',
      }),
      null,
    ],
    [
      'an index of which one platform is refused',
      { object: podOf('reg.corp/app/half') },
      'linux/arm64: 1 finding denies',
    ],
    [
      'an image that could not be judged',
      { object: podOf('reg.corp/app/unread') },
      'no advisories cover Alpine:v3.19 (15 packages)',
    ],
    [
      'an image whose upstream is away',
      { object: podOf('reg.corp/app/away') },
      'the upstream does not answer (try again)',
    ],
    [
      'an image that is being inspected',
      { object: podOf('reg.corp/app/slow') },
      'not yet: it is being inspected; try again',
    ],
    [
      'an image that is not there',
      { object: podOf('reg.corp/app/gone') },
      'reg.corp/app/gone:latest is not there (try again)',
    ],
    ['a full queue', { object: podOf('reg.corp/app/thrown') }, 'the queue is full (try again)'],
    [
      'a registry that is not known',
      { object: podOf('evil.example:5000/x:1') },
      'the registry evil.example:5000 is not known to Pratique',
    ],
    ['text that is no image', { object: podOf('reg.corp/app/good:1:2') }, 'is not an image reference'],
    ['an image with a space before it', { object: podOf(' reg.corp/app/good') }, 'is not an image reference'],
    ['a Pod without image', { object: podOf(null) }, 'container "c0" names no image'],
    ['a Deployment with a cleared image', { ...deployment, object: templateOf('reg.corp/app/good') }, null],
    ['a Deployment with a refused image', { ...deployment, object: templateOf('reg.corp/app/bad:1') }, bad],
    ['a Deployment whose image comes later', { ...deployment, object: templateOf(null) }, null],
    [
      'a Deployment scaled',
      {
        ...deployment,
        ...update(templateOf('reg.corp/app/bad'), { ...templateOf('reg.corp/app/bad'), metadata: {} }),
      },
      null,
    ],
    [
      'a finalizer taken from a Pod with a refused image',
      update(podOf('reg.corp/app/bad'), { ...podOf('reg.corp/app/bad'), metadata: { finalizers: [] } }),
      null,
    ],
    ['a Pod given another image', update(podOf('reg.corp/app/good:1'), podOf('reg.corp/app/bad:1')), bad],
    [
      'an update without the object before it',
      { operation: 'UPDATE', object: podOf('reg.corp/app/bad:1') },
      bad,
    ],
    ['a Pod deleted', { operation: 'DELETE', object: null, oldObject: podOf('reg.corp/app/bad') }, null],
    [
      'a connection to a Pod',
      { operation: 'CONNECT', kind: { group: '', version: 'v1', kind: 'PodExecOptions' }, object: {} },
      null,
    ],
    [
      'an unknown kind',
      { kind: { group: 'example.org', version: 'v1', kind: 'Widget' }, object: podOf('reg.corp/app/good') },
      'does not know where a Widget',
    ],
    [
      'an unknown kind deleted',
      { operation: 'DELETE', kind: { group: 'example.org', version: 'v1', kind: 'Widget' }, object: null },
      null,
    ],
    [
      'an unknown kind updated',
      { ...update({}, {}), kind: { group: 'example.org', version: 'v1', kind: 'Widget' } },
      'does not know where a Widget',
    ],
    [
      'a review that leaves out all it may',
      { oldObject: undefined, dryRun: undefined, name: undefined, namespace: undefined },
      null,
    ],
    ['an object left out', { object: undefined }, 'the request holds no Pod'],
    ['no object', { object: null }, 'the request holds no Pod'],
    ['a Pod of another shape', { object: { spec: { containers: 'x' } } }, 'the Pod of v1 cannot be read'],
    [
      'a client that says it was verified',
      {
        object: {
          ...podOf('reg.corp/app/bad:1'),
          metadata: {
            annotations: { verified: 'true' },
            ownerReferences: [{ kind: 'ReplicaSet', name: 'x' }],
          },
        },
      },
      bad,
    ],
    [
      'more images than are judged',
      { object: podOf(...Array.from({ length: 101 }, (_, i) => `reg.corp/app/good:${i}`)) },
      'it names 101 images',
    ],
    ['an error in Pratique', { object: podOf('reg.corp/app/broken') }, 'an error inside Pratique'],
  ];
  it.each(rows)('%s', async (_what, request, told) => {
    const { apiVersion, kind, response } = await reviewed(request);
    expect([apiVersion, kind, response.uid]).toEqual(['admission.k8s.io/v1', 'AdmissionReview', 'u-1']);
    expect(response.allowed).toBe(told === null);
    if (told === null) return expect(response.status).toBeUndefined();
    expect(response.status?.code).toBe(403);
    expect(response.status?.message).toMatch(/^Blocked by Pratique/);
    expect(response.status?.message).toContain(told);
  });

  it('asks for what the reference means', async () => {
    await reviewed({
      object: podOf('nginx', `reg.corp/app/good:1@${digest}`, 'index.docker.io/library/good:2'),
    });
    expect(asked.sort()).toEqual([
      'docker.io/library/good:2',
      'docker.io/library/nginx:latest',
      `reg.corp/app/good@${digest}`,
    ]);
  });

  it('asks nobody about an update that changes no image', async () => {
    await reviewed(update(podOf('reg.corp/app/good'), podOf('reg.corp/app/good')));
    expect(asked).toEqual([]);
  });

  it('allows with warnings that any terminal can show', async () => {
    const { response } = await reviewed({ object: podOf('reg.corp/app/warned:1') });
    expect(response).toMatchObject({
      allowed: true,
      warnings: ['Pratique: reg.corp/app/warned:1: CVE-2024-2 high in zlib ? (fixed in 2)'],
      auditAnnotations: { 'image-0': `reg.corp/app/warned:1@${digest} warn` },
    });
  });

  it('tells what was judged to the audit log, under keys that Kubernetes takes', async () => {
    const { response } = await reviewed({ object: podOf('reg.corp/app/good', 'reg.corp/app/bad') });
    expect(response.auditAnnotations).toEqual({
      'image-0': `reg.corp/app/good@${digest} pass`,
      'image-1': `reg.corp/app/bad@${digest} fail`,
    });
  });

  it('is bounded in what it says', async () => {
    const images = Array.from({ length: 30 }, (_, i) => `reg.corp/app/x${i}/endless`);
    const message = (await reviewed({ object: podOf(...images) })).response.status?.message ?? '';
    expect(message.length).toBeLessThanOrEqual(2000);
    expect(message).toMatch(/^Blocked by Pratique, 30 images:\n/);
    expect(message).toMatch(/and 22 more images$/);
    expect(message).not.toContain('\r');
  });

  it.each([
    ['a gate that does not settle', 'reg.corp/app/hung', 'not yet: it is being inspected; try again'],
    [
      'an upstream that does not answer',
      'reg.corp/app/silent',
      'not yet: reg.corp was asked, and has not answered',
    ],
  ])('is answered before the API server gives up: %s', async (_what, image, told) => {
    const started = performance.now();
    const { response } = await reviewed({ object: podOf(image, 'reg.corp/app/good') }, '?timeout=1s');
    expect(performance.now() - started).toBeLessThan(950);
    expect(response.status?.message).toContain(told);
  });

  it('counts each review, and logs errors of its own', async () => {
    await reviewed({ object: podOf('reg.corp/app/broken') });
    await reviewed({});
    expect(outcomes.map(({ allowed, kind, namespace }) => [allowed, kind, namespace])).toEqual([
      [false, 'Pod', 'default'],
      [true, 'Pod', 'default'],
    ]);
    expect(errors).toEqual(['admission review failed']);
  });

  it('keeps a connection open for the next review', async () => {
    const reply = await send('/validate', JSON.stringify(review()));
    expect(reply.headers.connection).toBe('keep-alive');
    expect(server.keepAliveTimeout).toBeGreaterThan(90_000);
    expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
  });
});

describe('a request that is no review', () => {
  const without = (key: string) => JSON.stringify({ ...review(), [key]: undefined });
  const rows: readonly [
    what: string,
    body: string | Buffer,
    headers: Record<string, string>,
    status: number,
    told: string,
  ][] = [
    ['empty', '', {}, 400, 'the body is not JSON'],
    ['no JSON', '{', {}, 400, 'the body is not JSON'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'the body is not JSON'],
    ['null', 'null', {}, 400, 'the body: '],
    ['no request', without('request'), {}, 400, 'request: '],
    ['no apiVersion', without('apiVersion'), {}, 400, 'apiVersion: allowed: admission.k8s.io/v1'],
    [
      'v1beta1',
      JSON.stringify({ ...review(), apiVersion: 'admission.k8s.io/v1beta1' }),
      {},
      400,
      'apiVersion: allowed: admission.k8s.io/v1',
    ],
    ['another kind', JSON.stringify({ ...review(), kind: 'Pod' }), {}, 400, 'kind: allowed: AdmissionReview'],
    ['no uid', JSON.stringify(review({ uid: undefined })), {}, 400, 'request.uid'],
    ['no object kind', JSON.stringify(review({ kind: undefined })), {}, 400, 'request.kind'],
    ['an unknown operation', JSON.stringify(review({ operation: 'PATCH' })), {}, 400, 'request.operation'],
    ['plain text', JSON.stringify(review()), { 'Content-Type': 'text/plain' }, 415, 'application/json'],
    ['compressed', Buffer.from('x'), { 'Content-Encoding': 'gzip' }, 415, 'without Content-Encoding'],
    ['longer than 4 MiB', `"${'x'.repeat(4 * 1024 * 1024)}"`, {}, 413, '4 MiB'],
    ['nested without end', '['.repeat(1_000_000), {}, 400, ''],
    [
      'deep inside the object',
      JSON.stringify(review({ object: 0 })).replace(
        '"object":0',
        `"object":${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      ),
      {},
      200,
      'cannot be read',
    ],
    ['__proto__', JSON.stringify(review()).replace('"request"', '"__proto__"'), {}, 400, 'request: '],
  ];
  it.each(rows)('%s', async (_what, body, headers, status, told) => {
    const reply = await send('/validate', body, headers);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(told)]);
    expect(reply.text).not.toContain('"allowed":true');
  });

  it.each([
    ['GET', '/validate', 405],
    ['PUT', '/validate', 405],
    ['GET', '/', 404],
    ['POST', '/mutate', 404],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
  ])('%s %s is answered %d', async (method, path, status) => {
    expect((await send(path, null, {}, method)).status).toBe(status);
  });

  it('is told why the webhook is not ready', async () => {
    notReady = ['no advisories'];
    const reply = await send('/readyz', null);
    expect([reply.status, reply.text]).toEqual([503, 'no advisories']);
  });

  it('is not even heard by a client that expects another name', async () => {
    const stranger = new Agent({ ca: tls.ca, servername: 'other.pratique.svc' });
    const trying = new Promise((resolve, reject) => {
      httpsRequest({ agent: stranger, host: '127.0.0.1', port, path: '/healthz' }, resolve)
        .on('error', reject)
        .end();
    });
    await expect(trying).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
