import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildImage, buildIndex } from '../support/images.ts';
import { ask } from './client.ts';
import { bad, blobsIn, clean, debian, openStage, type Stage } from './stage.ts';

/** Ways round the gate that lie in how a client asks. The numbers are those of docs/ways-round.md. */

const secret = debian('curl', '7.88-1', 'private', { layers: [{ files: [{ path: 'key', content: 'k' }] }] });
/** Names the private image's layers; its own upstream repository does not hold them. */
const foreign = buildImage({
  layers: secret.layers.map((layer) => ({ blob: layer.bytes, diffId: layer.diffId })),
  config: { Labels: { of: 'somebody else' } },
});
const never = debian('curl', '7.88-1', 'never asked for');

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: {
      'team/app': { clean, bad, again: bad, nested: buildIndex([bad]) },
      'team/other': { clean },
      'team/never': { never },
      'team/private': { secret },
    },
  });
  stage.upstream.put('stranger/app', 'foreign', {
    ...foreign,
    blobs: new Map([[foreign.config.digest, foreign.config.bytes]]),
  });
  await stage.pull('team/app', 'clean');
  await stage.pull('team/app', 'bad');
});
afterAll(() => stage.close());

const badTag = '/v2/corp/team/app/manifests/bad';
const statusOf = async (
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<number> => (await ask(stage.pratique.registry, path, { method, headers })).status;

describe('asking otherwise', () => {
  it('1: HEAD alone, as a runtime does that has the layers already', async () => {
    expect((await stage.head('team/app/manifests/bad')).status).toBe(403);
    expect((await stage.head(`team/app/manifests/${bad.manifest.digest}`)).status).toBe(403);
  });

  it('2: blobs by digest, of an image that nobody has asked for', async () => {
    stage.upstream.forgetRequests();
    for (const blob of blobsIn(never)) {
      const answer = await stage.get(`team/never/blobs/${blob}`);
      expect(answer).toMatchObject({ status: 403, message: expect.stringContaining('pull the image first') });
    }
    expect(stage.upstream.requests).toHaveLength(0);
  });

  it('3: a refused image’s blobs through a repository that is clean', async () => {
    expect((await stage.pull('team/other', 'clean')).status).toBe(200);
    for (const blob of blobsIn(bad)) {
      for (const repository of ['team/app', 'team/other']) {
        expect([repository, (await stage.get(`${repository}/blobs/${blob}`)).status]).toEqual([
          repository,
          403,
        ]);
      }
    }
  });

  it('4: a private layer, named by a manifest of one’s own', async () => {
    expect((await stage.pull('team/private', 'secret')).status).toBe(200);
    expect((await stage.get('stranger/app/manifests/foreign')).status).toBe(403);
    for (const { digest } of secret.layers) {
      expect((await stage.get(`stranger/app/blobs/${digest}`)).status).toBe(403);
      expect((await stage.head(`stranger/app/blobs/${digest}`)).status).toBe(403);
    }
  });

  it('5: another tag of the same digest, its digest, or the index that holds it alone', async () => {
    for (const reference of ['again', bad.manifest.digest, 'nested']) {
      const answer = await stage.get(`team/app/manifests/${reference}`);
      expect([reference, answer.status, answer.message]).toEqual([
        reference,
        403,
        expect.stringContaining('CVE-2026-1001'),
      ]);
    }
  });

  it('6: a part of it', async () => {
    for (const range of ['bytes=0-10', 'bytes=-5', 'bytes=0-0,2-3']) {
      expect(await statusOf(badTag, 'GET', { Range: range })).toBe(403);
      for (const blob of blobsIn(bad)) {
        expect((await stage.get(`team/app/blobs/${blob}`, { headers: { Range: range } })).status).toBe(403);
      }
    }
    const layer = clean.layers[0];
    const part = await stage.get(`team/app/blobs/${layer?.digest}`, { headers: { Range: 'bytes=3-9' } });
    expect([part.status, part.body]).toEqual([206, layer?.bytes.subarray(3, 10)]);
  });

  it('7: a cached copy, confirmed by its ETag', async () => {
    const etags = {
      'If-None-Match': `"${bad.manifest.digest}"`,
      'If-Modified-Since': new Date().toUTCString(),
    };
    expect(await statusOf(badTag, 'GET', etags)).toBe(403);
    expect(await statusOf(badTag, 'HEAD', { 'If-None-Match': '*' })).toBe(403);
  });

  it.each([
    '/v2/corp/team/app/manifests/clean/../bad',
    '/v2/corp/team/app/manifests/../manifests/bad',
    '/v2/corp/team/../team/app/manifests/bad',
    '/v2/corp/./team/app/manifests/bad',
    '/v2//corp/team/app/manifests/bad',
    '//v2/corp/team/app/manifests/bad',
    '/v2/corp//team/app/manifests/bad',
    '/v2/corp/team/app//manifests/bad',
    '/v2/corp/team/app/manifests/bad/',
    '/v2/corp/team/app/manifests/bad%00',
    '/v2/corp/team/app/manifests/bad%20',
    '/v2/corp/team/app/manifests/b%61d',
    '/v2/corp/team/app/%6danifests/bad',
    '/v2/corp/team/app/manifests/%62%61%64',
    '/v2/corp/team/app/manifests/b%2561d',
    '/v2/corp%2fteam%2fapp/manifests/bad',
    '/v2/corp/team%2Fapp/manifests/bad',
    '/v2/corp/team/app%2fmanifests%2fbad',
    '/v2/corp/team/app/manifests%5cbad',
    '/v2/CORP/team/app/manifests/bad',
    '/v2/corp/Team/App/manifests/bad',
    '/V2/corp/team/app/manifests/bad',
    '/v2/corp/team/app/MANIFESTS/bad',
    '/v2/corp/team/app/manifests/bad;v=1',
    '/v2/corp/team/app/manifests/bad#clean',
    '/v2/corp/team/app/manifests/bad?reference=clean',
    'http://registry.corp/v2/corp/team/app/manifests/bad',
    `/v2/corp/team/app/blobs/${bad.layers[0]?.digest.toUpperCase()}`,
    `/v2/corp/team/app/blobs/${bad.layers[0]?.digest.replace(':', '%3A')}`,
    `/v2/corp/team/app/blobs/${bad.manifest.digest}`,
    `/v2/corp/team/app/manifests/${bad.layers[0]?.digest}`,
    `/v2/corp/team/app/manifests/${bad.manifest.digest.toUpperCase()}`,
  ])('8: another spelling: %s', async (path) => {
    for (const method of ['GET', 'HEAD']) expect([400, 403, 404]).toContain(await statusOf(path, method));
  });

  it('9: another method, or one in a header', async () => {
    stage.upstream.forgetRequests();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'COPY']) {
      expect([method, await statusOf(badTag, method)]).toEqual([method, 405]);
      const upload = await statusOf('/v2/corp/team/app/blobs/uploads/', method);
      expect([method, upload]).toEqual([method, 405]);
    }
    expect(stage.upstream.requests).toHaveLength(0);
    expect(await statusOf(badTag, 'GET', { 'X-HTTP-Method-Override': 'HEAD' })).toBe(403);
  });

  it.each([
    ['nothing', {}],
    ['everything', { Accept: '*/*' }],
    ['another shape', { Accept: 'application/vnd.oci.image.index.v1+json' }],
    ['Docker’s schema 1', { Accept: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }],
  ])('10: accepting %s', async (_what, headers: Record<string, string>) => {
    expect(await statusOf(badTag, 'GET', headers)).toBe(403);
    const answer = await stage.get('team/app/manifests/clean', { headers });
    expect([answer.headers['content-type'], answer.body]).toEqual([
      clean.manifest.mediaType,
      clean.manifest.bytes,
    ]);
  });

  it('11: ns as an address, twice, or of this proxy', async () => {
    for (const ns of [
      stage.upstream.host,
      'localhost',
      '127.0.0.1:1',
      '@registry.corp',
      'registry.corp/x',
      '%00',
    ]) {
      expect([ns, await statusOf(`/v2/team/app/manifests/clean?ns=${ns}`)]).not.toEqual([ns, 200]);
    }
    expect(await statusOf('/v2/team/app/manifests/clean?ns=registry.corp&ns=registry.corp')).toBe(400);
    expect(await statusOf('/v2/team/app/manifests/bad?ns=registry.corp')).toBe(403);
    expect(await statusOf('/v2/team/app/manifests/bad?ns=REGISTRY.CORP')).toBe(403);
  });

  it.each([
    'tags/list?/../../manifests/bad',
    'tags/list?n=1#/../manifests/bad',
    'tags/list/../../app/manifests/bad',
    'tags/list%2f..%2fmanifests%2fbad',
    'tags/../manifests/bad',
    `referrers/${bad.manifest.digest}?/../../manifests/bad`,
    `referrers/${bad.manifest.digest}/../../manifests/bad`,
  ])('12: what is passed on unchanged leads to no content: %s', async (rest) => {
    stage.upstream.forgetRequests();
    const answer = await stage.get(`team/app/${rest}`);
    expect(answer.body.includes(bad.config.digest)).toBe(false);
    const list = /^\/v2\/team\/app\/(tags\/list|referrers\/sha256:[0-9a-f]{64})$/;
    for (const seen of stage.upstream.requests) {
      if (!seen.path.endsWith('/manifests/bad')) expect(seen.path).toMatch(list);
    }
  });
});
