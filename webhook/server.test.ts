import { Agent, request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { review, startTestServer, type TestServer } from './samples.ts';

let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(async () => {
  await at.close();
});
beforeEach(() => {
  at.notReady.length = 0;
  at.troubles.length = 0;
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
    ['longer than 20 MiB', `"${'x'.repeat(20 * 1024 * 1024)}"`, {}, 413, '20 MiB'],
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
    const reply = await at.send('/validate', body, headers);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(told)]);
    expect(reply.text).not.toContain('"allowed":true');
  });

  it.each([
    ['GET', '/validate', 405],
    ['PUT', '/validate', 405],
    ['GET', '/', 404],
    ['GET', '/mutate', 405],
    ['POST', '/mutates', 404],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
  ])('%s %s is answered %d', async (method, path, status) => {
    expect((await at.send(path, null, {}, method)).status).toBe(status);
  });

  it('is told why the webhook is not ready', async () => {
    at.notReady.push('no advisories');
    const reply = await at.send('/readyz', null);
    expect([reply.status, reply.text]).toEqual([503, 'no advisories']);
  });

  it('is told what is wrong though the webhook is ready', async () => {
    at.troubles.push('the proxy is away');
    const reply = await at.send('/readyz', null);
    expect([reply.status, reply.text]).toEqual([200, 'ok\nthe proxy is away']);
  });

  it('is not even heard by a client that expects another name', async () => {
    const stranger = new Agent({ ca: at.tls.ca, servername: 'other.pratique.svc' });
    const trying = new Promise((resolve, reject) => {
      httpsRequest({ agent: stranger, host: '127.0.0.1', port: at.port, path: '/healthz' }, resolve)
        .on('error', reject)
        .end();
    });
    await expect(trying).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
