import { afterEach, describe, expect, it } from '@jest/globals';
import { olderReportType, sbomReportType, vulnerabilityReportType } from './media-types.ts';
import { job, rig, scanned, scanRequest, settle } from './samples.ts';
import {
  idOf,
  metadataPath,
  reportPath,
  scanPath,
  startTestAdapter,
  type TestAdapter,
} from './samples-server.ts';
import type { HarborAdapterOptions } from './server.ts';

const open: TestAdapter[] = [];
async function adapter(options: Partial<HarborAdapterOptions> = {}, at = rig()): Promise<TestAdapter> {
  const started = await startTestAdapter(options, at);
  open.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const errorType = 'application/vnd.scanner.adapter.error+json; version=1.0';
const body = JSON.stringify(scanRequest());
const told = (message: string) => ({ error: { message: expect.stringContaining(message) } });

describe('GET /metadata', () => {
  it.each<[accept: string | undefined, type: string]>([
    ['application/vnd.scanner.adapter.metadata+json; version=1.0', 'version=1.0'],
    ['application/vnd.scanner.adapter.metadata+json; version=1.1', 'version=1.1'],
    [undefined, 'version=1.0'],
    ['text/html', 'version=1.0'],
  ])('asked for %s', async (accept, type) => {
    const at = await adapter();
    const reply = await at.send({
      path: metadataPath,
      headers: accept === undefined ? {} : { Accept: accept },
    });
    expect(reply).toMatchObject({
      status: 200,
      headers: { 'content-type': `application/vnd.scanner.adapter.metadata+json; ${type}` },
      json: {
        scanner: { name: 'Pratique' },
        capabilities: [{ type: 'vulnerability' }, { type: 'sbom' }],
        properties: {
          'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
          'harbor.scanner-adapter/vulnerability-database-updated-at': '2026-05-31T00:00:00.000Z',
          'harbor.scanner-adapter/registry-authorization-type': 'Basic',
        },
      },
    });
    expect(reply.headers).not.toHaveProperty('x-powered-by');
  });

  it('tells what is configured', async () => {
    const at = await adapter({
      sbom: false,
      registryAuthorization: 'Bearer',
      properties: () => ({ 'env.PRATIQUE_POLICY': 'baseline' }),
      advisories: () => ({ updatedAt: null, nextUpdateAt: '2026-06-02T00:00:00.000Z' }),
    });
    const { json } = await at.send({ path: metadataPath });
    expect(json).toMatchObject({
      capabilities: [{ type: 'vulnerability', produces_mime_types: [vulnerabilityReportType] }],
      properties: {
        'harbor.scanner-adapter/vulnerability-database-next-update-at': '2026-06-02T00:00:00.000Z',
        'harbor.scanner-adapter/registry-authorization-type': 'Bearer',
        'env.PRATIQUE_POLICY': 'baseline',
      },
    });
    expect(JSON.stringify(json)).not.toMatch(/updated-at|index|manifest\.list|"sbom"/);
  });
});

describe('POST /scan', () => {
  const type = 'application/vnd.scanner.adapter.scan.request+json';
  it.each<[contentType: string | undefined, status: number]>([
    [`${type}; version=1.0`, 202],
    [`${type}; version=1.1`, 202],
    [`${type};version="1.0";charset=UTF-8`, 202],
    [type, 202],
    ['application/json', 202],
    ['application/json; charset=utf-8', 202],
    [undefined, 202],
    [`${type}; version=2.0`, 400],
    ['application/json; charset=latin1', 400],
    ['text/plain', 400],
    ['application/x-www-form-urlencoded', 400],
    ['nonsense', 400],
  ])('Content-Type %s: %d', async (contentType, status) => {
    const at = await adapter();
    const headers: Record<string, string> = contentType === undefined ? {} : { 'Content-Type': contentType };
    const reply = await at.send({ path: scanPath, headers, body });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe(
      status === 202 ? 'application/vnd.scanner.adapter.scan.response+json; version=1.0' : errorType,
    );
  });

  it.each<[what: string, sent: string | Buffer, headers: Record<string, string>, message: string]>([
    ['nothing', '', {}, 'it is not JSON'],
    ['ten megabytes', 'x'.repeat(10 * 1024 * 1024), {}, 'at most 64 KiB'],
    ['just too much', `"${'x'.repeat(64 * 1024)}"`, {}, 'at most 64 KiB'],
    ['compressed', Buffer.from('x'), { 'Content-Encoding': 'gzip' }, 'no Content-Encoding'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'not UTF-8'],
  ])('a body of %s is refused', async (_what, sent, headers, message) => {
    const at = await adapter();
    const reply = await at.send({ path: scanPath, headers, body: sent });
    expect([reply.status, reply.headers['content-type'], reply.json]).toEqual([
      400,
      errorType,
      told(message),
    ]);
  });

  it('is refused where too many wait', async () => {
    const at = await adapter({}, rig({}, { mostWaiting: 1 }));
    expect((await at.send({ path: scanPath, body })).status).toBe(202);
    expect(await at.send({ path: scanPath, body })).toMatchObject({
      status: 500,
      headers: { 'retry-after': '60' },
      json: told('1 scans wait already'),
    });
  });

  it('tells nothing of what is inside when it fails', async () => {
    const at = await adapter();
    at.at.jobs.put = async () => {
      throw new Error('/var/lib/secret is full');
    };
    const reply = await at.send({ path: scanPath, body });
    expect([reply.status, reply.json]).toEqual([500, told('an error inside Pratique')]);
    expect(reply.text).not.toContain('secret');
  });
});

describe('GET /scan/{id}/report', () => {
  const spdx = '?sbom_media_type=application%2Fspdx%2Bjson';
  const all = scanRequest({ enabled_capabilities: null });
  const sbomOnly = scanRequest({
    enabled_capabilities: [{ type: 'sbom', parameters: { sbom_media_types: ['application/spdx+json'] } }],
  });
  it.each<[what: string, asked: object, accept: string | undefined, query: string, answer: number | string]>([
    ['as Harbor asks', all, vulnerabilityReportType, '', vulnerabilityReportType],
    ['as Harbor asked once', all, olderReportType, '', olderReportType],
    ['an SBOM as Harbor asks', sbomOnly, sbomReportType, spdx, sbomReportType],
    ['anything', all, '*/*', '', vulnerabilityReportType],
    ['anything, missing', all, undefined, '', vulnerabilityReportType],
    ['anything with a format', all, '*/*', spdx, sbomReportType],
    ['anything of an SBOM scan', sbomOnly, '*/*', spdx, sbomReportType],
    ['no format', all, sbomReportType, '', 400],
    ['a format twice', all, sbomReportType, `${spdx}&${spdx.slice(1)}`, 400],
    [
      'a format that this scan has not',
      sbomOnly,
      sbomReportType,
      '?sbom_media_type=application/vnd.cyclonedx%2Bjson',
      400,
    ],
    ['what this scan was not asked for', sbomOnly, vulnerabilityReportType, '', 400],
    ['what there is not', all, 'text/html', '', 501],
  ])('%s', async (_what, asked, accept, query, answer) => {
    const at = await adapter();
    const id = idOf(await at.send({ path: scanPath, body: JSON.stringify(asked) }));
    await settle();
    await at.at.scans.answer(scanned());
    const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
    const reply = await at.send({ path: reportPath(id, query), headers });
    expect(reply.headers['content-type']).toBe(typeof answer === 'number' ? errorType : answer);
    expect(reply.status).toBe(typeof answer === 'number' ? answer : 200);
    expect(reply.json).toEqual(
      typeof answer === 'number'
        ? told('')
        : expect.objectContaining({ artifact: expect.objectContaining({ tag: '1.27' }) }),
    );
  });

  it('is to be asked for again while the scan runs', async () => {
    const at = await adapter();
    const id = idOf(await at.send({ path: scanPath, body }));
    const reply = await at.send({ path: reportPath(id) });
    expect([reply.status, reply.headers['refresh-after'], reply.text]).toEqual([302, '1', '']);
    expect(reply.headers).not.toHaveProperty('location');
  });

  it('of one kind may fail and that of the other be there', async () => {
    const at = await adapter();
    const id = idOf(await at.send({ path: scanPath, body: JSON.stringify(all) }));
    await settle();
    await at.at.scans.answer(scanned({ verdict: { status: 'error', reasons: ['nothing was recognised'] } }));
    expect(await at.send({ path: reportPath(id) })).toMatchObject({
      status: 500,
      headers: { 'content-type': errorType },
      json: told('nothing was recognised'),
    });
    expect((await at.send({ path: reportPath(id, spdx) })).status).toBe(200);
  });

  it('that is no longer kept is told as such', async () => {
    const at = await adapter();
    const state = { kind: 'done', revision: 'r', finishedAt: '2026-06-01T00:00:00.000Z' } as const;
    at.at.jobs.jobs.set('old', job({ id: 'old', state }));
    expect(await at.send({ path: reportPath('old') })).toMatchObject({
      status: 500,
      json: told('no longer kept'),
    });
  });

  it.each(['nothing', '%00', 'a%2Fb', 'x'.repeat(5000), '..'])('of the id %s is not there', async (id) => {
    const at = await adapter();
    const reply = await at.send({ path: reportPath(id) });
    expect([reply.status, reply.headers['content-type'], reply.json]).toEqual([404, errorType, told('')]);
  });
});

describe('everything else', () => {
  it.each<[method: string, path: string, status: number]>([
    ['GET', '/', 404],
    ['GET', '/api/v1', 404],
    ['GET', '/api/v1/Metadata', 404],
    ['GET', '/metadata', 404],
    ['POST', metadataPath, 405],
    ['GET', scanPath, 405],
    ['DELETE', reportPath('x'), 405],
    ['GET', '/api/v1/scan/%/report', 400],
  ])('%s %s is %d, as JSON', async (method, path, status) => {
    const at = await adapter();
    const reply = await at.send({ method, path });
    expect([reply.status, reply.headers['content-type'], reply.json]).toEqual([status, errorType, told('')]);
  });

  it.each<[authentication: HarborAdapterOptions['authentication'], headers: Record<string, string>]>([
    [{ kind: 'basic', username: 'a', password: 'b' }, { Authorization: 'Basic YTpi' }],
    [{ kind: 'bearer', token: 't' }, { Authorization: 'Bearer t' }],
    [{ kind: 'api-key', key: 'k' }, { 'X-ScannerAdapter-API-Key': 'k' }],
  ])('needs credentials where they are set: %j', async (authentication, headers) => {
    const at = await adapter({ authentication });
    for (const path of [metadataPath, reportPath('x'), '/elsewhere']) {
      const reply = await at.send({ path });
      expect([reply.status, reply.headers['content-type'], reply.json]).toEqual([401, errorType, told('')]);
      expect(reply.headers.connection).toBe('close');
      expect(reply.headers['www-authenticate']).toContain('realm=');
    }
    expect((await at.send({ path: scanPath, body })).status).toBe(401);
    expect((await at.send({ path: metadataPath, headers })).status).toBe(200);
  });
});
