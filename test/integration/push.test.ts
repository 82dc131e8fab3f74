import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildIndex, linuxArm64, sha256 } from '../support/images.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, tokenOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { admit, bad, clean, debian, noise, openStage, type Stage, uncovered } from './stage.ts';

let stage: Stage;
let ci: Pusher;
let other: Pusher;
let nobody: Pusher;
const repository = 'hosted/team/app';
const registry = (): string => stage.pratique.registry;

beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci', 'other']);
  stage = await openStage({
    repositories: { 'team/app': { clean, bad } },
    config: { auth: { users } },
  });
  ci = createPusher(registry, () => Promise.resolve(basicOf('ci')));
  other = createPusher(registry, () => Promise.resolve(basicOf('other')));
  nobody = createPusher(registry, () => Promise.resolve(null));
});
afterAll(() => stage.close());

const bytes = noise(300_000);
const digest = sha256(bytes);

describe('an image that is pushed', () => {
  it('is served byte for byte to whoever may pull, once it is cleared', async () => {
    expect((await ci.push(repository, 'clean', clean)).status).toBe(201);
    const pulled = await nobody.ask(`/v2/${repository}/manifests/clean`);
    expect(pulled).toMatchObject({
      status: 200,
      headers: {
        'content-type': clean.manifest.mediaType,
        'docker-content-digest': clean.manifest.digest,
      },
    });
    expect(pulled.body.equals(clean.manifest.bytes)).toBe(true);
    for (const [blob, content] of clean.blobs) {
      const answer = await nobody.ask(`/v2/${repository}/blobs/${blob}`);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(content)).toBe(true);
    }
  });

  it('is taken and refused to everybody when policy refuses it, its blobs too but to who pushed them', async () => {
    expect((await ci.push(repository, 'bad', bad)).status).toBe(201);
    for (const puller of [nobody, other, ci]) {
      const answer = await puller.ask(`/v2/${repository}/manifests/bad`);
      expect(answer).toMatchObject({
        status: 403,
        code: 'DENIED',
        message: expect.stringMatching(/hosted\/team\/app:bad.*CVE-2026-1001.*openssl.*3\.0\.2-1/),
      });
    }
    const token = await tokenOf(registry(), null, `repository:${repository}:pull`);
    const puller = createPusher(registry, () => Promise.resolve(token));
    for (const blob of bad.blobs.keys()) {
      const path = `/v2/${repository}/blobs/${blob}`;
      // Whoever has not said who he is may be the one who pushed it.
      expect((await nobody.ask(path)).status).toBe(401);
      expect(await puller.ask(path)).toMatchObject({
        status: 403,
        message: expect.stringContaining('CVE-2026-1001'),
      });
      expect((await other.ask(path)).status).toBe(404);
      expect((await ci.ask(path)).status).toBe(200);
    }
    expect(await admit(stage, `127.0.0.1:${stage.pratique.ports.registry}/${repository}:bad`)).toMatchObject({
      allowed: false,
      message: expect.stringContaining('CVE-2026-1001'),
    });
  });

  it('can be replaced by who may push although it is refused: to him it is not there', async () => {
    const head = await ci.ask(`/v2/${repository}/manifests/bad`, { method: 'HEAD' });
    expect(head.status).toBe(404);
    // containerd begins a push so; whoever pulls comes back with a token for nobody.
    const stranger = await nobody.ask(`/v2/${repository}/manifests/bad`, { method: 'HEAD' });
    expect([stranger.status, stranger.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('pull,push'),
    ]);
    const token = await tokenOf(registry(), null, `repository:${repository}:pull,push`);
    const puller = createPusher(registry, () => Promise.resolve(token));
    expect((await puller.ask(`/v2/${repository}/manifests/bad`, { method: 'HEAD' })).status).toBe(403);
    expect((await ci.push(repository, 'bad', clean)).status).toBe(201);
    expect((await nobody.ask(`/v2/${repository}/manifests/bad`)).status).toBe(200);
  });

  it('is not cleared where no advisories speak of it', async () => {
    expect((await ci.push(repository, 'uncovered', uncovered)).status).toBe(201);
    expect(await nobody.ask(`/v2/${repository}/manifests/uncovered`)).toMatchObject({
      status: 403,
      message: expect.stringContaining('Alpine'),
    });
  });

  it('may be an index; its children are gated one by one', async () => {
    const badArm = debian('openssl', '3.0.1-1', 'pushed arm', { platform: linuxArm64 });
    const index = buildIndex([clean, badArm]);
    expect((await ci.push(repository, 'both', index)).status).toBe(201);
    expect((await nobody.ask(`/v2/${repository}/manifests/both`)).status).toBe(200);
    expect((await nobody.ask(`/v2/${repository}/manifests/${badArm.manifest.digest}`)).status).toBe(403);
  });
});

describe('a blob', () => {
  const store = async (path: string): Promise<void> => {
    const answer = await ci.ask(path);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(bytes)).toBe(true);
  };

  it('comes in one piece after the upload was begun', async () => {
    const location = await ci.begin('hosted/one');
    const done = await ci.ask(`${location}?digest=${digest}`, { method: 'PUT', body: bytes });
    expect(done).toMatchObject({ status: 201, headers: { 'docker-content-digest': digest } });
    await store(done.headers.location ?? '');
  });

  it('comes in chunks, and says how far it is', async () => {
    const location = await ci.begin('hosted/chunks');
    for (let at = 0; at < bytes.length; at += 100_000) {
      const part = bytes.subarray(at, at + 100_000);
      const answer = await ci.ask(location, {
        method: 'PATCH',
        body: part,
        headers: { 'Content-Range': `${at}-${at + part.length - 1}`, 'Content-Length': String(part.length) },
      });
      expect(answer).toMatchObject({ status: 202, headers: { range: `0-${at + part.length - 1}` } });
    }
    expect(await ci.ask(location)).toMatchObject({ status: 204, headers: { range: '0-299999' } });
    const done = await ci.ask(`${location}?digest=${digest}`, { method: 'PUT' });
    expect(done.status).toBe(201);
    await store(`/v2/hosted/chunks/blobs/${digest}`);
  });

  it.each([
    ['a gap', '200000-299999', 416],
    ['an overlap', '50000-149999', 416],
    ['a range of another length', '100000-299999', 400],
    ['no range at all', 'all of it', 400],
    ['a range that runs backwards', '199999-100000', 400],
  ])('is not taken with %s, and can go on from where it was', async (_, range, status) => {
    const location = await ci.begin('hosted/order');
    await ci.ask(location, { method: 'PATCH', body: bytes.subarray(0, 100_000) });
    const part = bytes.subarray(100_000, 200_000);
    const wrong = await ci.ask(location, {
      method: 'PATCH',
      body: part,
      headers: { 'Content-Range': range },
    });
    expect(wrong.status).toBe(status);
    if (status === 416) expect(wrong.headers.range).toBe('0-99999');
    const rest = bytes.subarray(100_000);
    const done = await ci.ask(`${location}?digest=${digest}`, { method: 'PUT', body: rest });
    expect(done.status).toBe(201);
  });

  it('goes on after the client vanished, and after the proxy was killed', async () => {
    const location = await ci.begin('hosted/resumed');
    const cut = httpRequest(`${registry()}${location}`, {
      method: 'PATCH',
      headers: { Authorization: basicOf('ci'), 'Content-Length': '300000' },
    });
    cut.on('error', () => undefined);
    cut.write(bytes.subarray(0, 150_000));
    await sleep(200);
    cut.destroy();
    const first = await ci.ask(location);
    expect(first.status).toBe(204);
    const came = Number(first.headers.range?.split('-')[1]) + 1;
    expect(came).toBeGreaterThan(1);
    await stage.restart('SIGKILL');
    const second = await ci.ask(location);
    expect(second).toMatchObject({ status: 204, headers: { range: first.headers.range } });
    const rest = bytes.subarray(came);
    const headers = { 'Content-Range': `${came}-299999` };
    expect((await ci.ask(location, { method: 'PATCH', body: rest, headers })).status).toBe(202);
    expect((await ci.ask(`${location}?digest=${digest}`, { method: 'PUT' })).status).toBe(201);
    await store(`/v2/hosted/resumed/blobs/${digest}`);
  });

  it('that is not what its digest says is not kept, nor its upload', async () => {
    const lie = sha256('another');
    expect(await ci.blob('hosted/lie', lie, bytes)).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    const location = await ci.begin('hosted/lie');
    const put = await ci.ask(`${location}?digest=${lie}`, { method: 'PUT', body: bytes });
    expect(put).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    expect((await ci.ask(location)).status).toBe(404);
    expect((await ci.ask(`/v2/hosted/lie/blobs/${lie}`)).status).toBe(404);
  });

  it.each(['', 'sha256:short', 'md5:d41d8cd98f00b204e9800998ecf8427e'])(
    'is not taken with the digest "%s"',
    async (wrong) => {
      const location = await ci.begin('hosted/lie');
      const put = await ci.ask(`${location}?digest=${wrong}`, { method: 'PUT', body: bytes });
      expect(put).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    },
  );

  it('is another user’s business no more than an unknown one', async () => {
    const location = await ci.begin('hosted/mine');
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await other.ask(`${location}?digest=${digest}`, { method });
      expect([method, answer.status, answer.code]).toEqual([
        method,
        404,
        method === 'GET' ? 'BLOB_UPLOAD_UNKNOWN' : 'BLOB_UPLOAD_UNKNOWN',
      ]);
    }
    const elsewhere = location.replace('hosted/mine', 'hosted/yours');
    expect((await ci.ask(elsewhere)).status).toBe(404);
    expect((await ci.ask(location, { method: 'DELETE' })).status).toBe(204);
    expect((await ci.ask(location)).status).toBe(404);
  });
});

describe('a manifest', () => {
  it('that names a blob nobody pushed here is not taken', async () => {
    await ci.push('hosted/has-it', 'x', clean);
    expect(await ci.manifest('hosted/has-it-not', 'x', clean.manifest)).toMatchObject({
      status: 404,
      code: 'MANIFEST_BLOB_UNKNOWN',
    });
  });

  it.each<readonly [string, string, string, string, number, string]>([
    ['no JSON', 'x', 'application/vnd.oci.image.manifest.v1+json', '{', 400, 'MANIFEST_INVALID'],
    ['neither image nor index', 'x', 'application/json', '{"schemaVersion":2}', 400, 'MANIFEST_INVALID'],
    [
      'another digest than its name',
      sha256('x'),
      clean.manifest.mediaType,
      clean.manifest.bytes.toString(),
      400,
      'DIGEST_INVALID',
    ],
    ['5 MiB', 'x', clean.manifest.mediaType, ' '.repeat(5 * 1024 ** 2), 413, 'SIZE_INVALID'],
  ])('of %s is not taken', async (_, reference, type, text, status, code) => {
    const body = Buffer.from(text);
    const answer = await ci.ask(`/v2/${repository}/manifests/${reference}`, {
      method: 'PUT',
      body,
      headers: { 'Content-Type': type, 'Content-Length': String(body.length) },
    });
    expect(answer).toMatchObject({ status, code });
  });

  it('can be deleted, and its tag with it', async () => {
    await ci.push('hosted/gone', 'a', clean);
    await ci.push('hosted/gone', 'b', clean);
    const byTag = `/v2/hosted/gone/manifests/a`;
    expect((await nobody.ask(byTag)).status).toBe(200);
    expect((await ci.ask(byTag, { method: 'DELETE' })).status).toBe(202);
    expect((await nobody.ask(byTag)).status).toBe(404);
    const byDigest = `/v2/hosted/gone/manifests/${clean.manifest.digest}`;
    expect((await nobody.ask(byDigest)).status).toBe(200);
    expect((await ci.ask(byDigest, { method: 'DELETE' })).status).toBe(202);
    expect((await nobody.ask(byDigest)).status).toBe(404);
    expect((await nobody.ask('/v2/hosted/gone/manifests/b')).status).toBe(404);
    const layer = clean.layers[0]?.digest ?? '';
    expect((await nobody.ask(`/v2/hosted/gone/blobs/${layer}`)).status).toBe(401);
    expect((await other.ask(`/v2/hosted/gone/blobs/${layer}`)).status).toBe(404);
    expect((await ci.ask(`/v2/hosted/gone/blobs/${layer}`, { method: 'DELETE' })).status).toBe(202);
    expect((await ci.ask(`/v2/hosted/gone/blobs/${layer}`)).status).toBe(404);
  });
});

describe('a mount', () => {
  const mount = (pusher: Pusher, to: string, blob: string, from: string) =>
    pusher.ask(`/v2/${to}/blobs/uploads/?mount=${blob}&from=${from}`, { method: 'POST' });
  const layerOf = (image: typeof clean): string => image.layers[0]?.digest ?? '';

  it('takes over what could be pulled: from an upstream, and from another hosted repository', async () => {
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    expect((await mount(ci, 'hosted/m1', layerOf(clean), 'corp/team/app')).status).toBe(201);
    await ci.push('hosted/m-source', 'x', clean);
    expect((await nobody.ask('/v2/hosted/m-source/manifests/x')).status).toBe(200);
    expect((await mount(other, 'hosted/m2', layerOf(clean), 'hosted/m-source')).status).toBe(201);
  });

  it('asks for an upload where the blob is refused there, unless he has pushed it himself', async () => {
    await ci.push('hosted/m-bad', 'x', bad);
    expect((await nobody.ask('/v2/hosted/m-bad/manifests/x')).status).toBe(403);
    expect((await mount(other, 'hosted/m3', layerOf(bad), 'hosted/m-bad')).status).toBe(202);
    expect((await mount(ci, 'hosted/m3', layerOf(bad), 'hosted/m-bad')).status).toBe(201);
    expect((await mount(other, 'hosted/m3', sha256('nothing'), 'hosted/m-bad')).status).toBe(202);
    expect((await mount(other, 'hosted/m3', layerOf(clean), 'nowhere/app')).status).toBe(202);
  });

  it('that names no repository finds what the client has pushed himself, and nobody else’s, cleared or not', async () => {
    const anywhere = (pusher: Pusher, blob: string) =>
      pusher.ask(`/v2/hosted/m4/blobs/uploads/?mount=${blob}`, { method: 'POST' });
    for (const image of [clean, bad]) await ci.push('hosted/m-own', image === bad ? 'bad' : 'clean', image);
    expect((await anywhere(other, layerOf(clean))).status).toBe(202);
    expect((await anywhere(other, layerOf(bad))).status).toBe(202);
    expect((await anywhere(ci, layerOf(bad))).status).toBe(201);
    expect((await other.ask(`/v2/hosted/m4/blobs/${layerOf(bad)}`)).status).toBe(404);
  });
});

describe('lists', () => {
  it('give tags in order, page by page', async () => {
    for (const tag of ['b', 'a', 'B', '1.10', '1.9']) await ci.push('hosted/tags', tag, clean);
    const list = async (query: string) => {
      const { body, headers } = await nobody.ask(`/v2/hosted/tags/tags/list${query}`);
      return [(JSON.parse(body.toString()) as { tags: string[] }).tags, headers.link];
    };
    expect(await list('')).toEqual([['1.10', '1.9', 'B', 'a', 'b'], undefined]);
    expect(await list('?n=2')).toEqual([
      ['1.10', '1.9'],
      '</v2/hosted/tags/tags/list?n=2&last=1.9>; rel="next"',
    ]);
    expect(await list('?n=2&last=1.9')).toEqual([
      ['B', 'a'],
      '</v2/hosted/tags/tags/list?n=2&last=a>; rel="next"',
    ]);
    expect(await list('?n=0')).toEqual([[], undefined]);
    expect((await nobody.ask('/v2/hosted/unknown/tags/list')).status).toBe(404);
  });

  it('give what refers to an image, and nothing where nothing does', async () => {
    const empty = Buffer.from('{}');
    const signature = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'application/vnd.test.signature',
        config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: 2 },
        layers: [{ mediaType: 'text/plain', digest: sha256(empty), size: 2 }],
        subject: {
          mediaType: clean.manifest.mediaType,
          digest: clean.manifest.digest,
          size: clean.manifest.bytes.length,
        },
        annotations: { by: 'ci' },
      }),
    );
    await ci.blob('hosted/signed', sha256(empty), empty);
    const put = await ci.manifest('hosted/signed', sha256(signature), {
      digest: sha256(signature),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      bytes: signature,
    });
    expect(put).toMatchObject({ status: 201, headers: { 'oci-subject': clean.manifest.digest } });
    const referrers = async (query: string) => {
      const answer = await nobody.ask(`/v2/hosted/signed/referrers/${clean.manifest.digest}${query}`);
      return (JSON.parse(answer.body.toString()) as { manifests: object[] }).manifests;
    };
    expect(await referrers('')).toEqual([
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: sha256(signature),
        size: signature.length,
        artifactType: 'application/vnd.test.signature',
        annotations: { by: 'ci' },
      },
    ]);
    expect(await referrers('?artifactType=other')).toEqual([]);
  });
});

describe('who may push', () => {
  it('is nobody who did not log in, nobody to an upstream, and only as far as the token goes', async () => {
    const upload = (authorization: string | null, name: string) =>
      createPusher(registry, () => Promise.resolve(authorization)).ask(`/v2/${name}/blobs/uploads/`, {
        method: 'POST',
      });
    const anonymous = await upload(null, repository);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers['www-authenticate']).toContain('/auth/token');
    expect((await upload(basicOf('ci'), 'corp/team/app')).status).toBe(405);
    const pullOnly = await tokenOf(registry(), 'ci', `repository:${repository}:pull`);
    expect((await upload(pullOnly, repository)).status).toBe(401);
    const elsewhere = await tokenOf(registry(), 'ci', 'repository:hosted/elsewhere:pull,push');
    expect((await upload(elsewhere, repository)).status).toBe(401);
    const right = await tokenOf(registry(), 'ci', `repository:${repository}:pull,push`);
    expect((await upload(right, repository)).status).toBe(202);
    const none = await tokenOf(registry(), null, `repository:${repository}:pull,push`);
    expect((await upload(none, repository)).status).toBe(401);
  });
});
