import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildIndex, linuxArm64, sha256 } from '../support/images.ts';
import { type RunningPratique, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { bad, clean, debian, noise, openStage, type Stage } from './stage.ts';

const credentials = { username: 'robot', password: 'robots secret' };

let stage: Stage;
let recording: Upstream;
let second: RunningPratique;
let ci: Pusher;
let nobody: Pusher;
let beside: Pusher;

/** `corp` takes pushes after their verdict; `loose`, of a second proxy, at once. */
beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci']);
  stage = await openStage({
    auth: { kind: 'token', credentials },
    credentials,
    push: 'gate',
    private: false,
    config: { auth: { users } },
  });
  recording = await startUpstream();
  const dir = temporaryDirectory();
  second = await startPratique({
    dir,
    upstreams: [{ name: 'loose', namespace: 'loose.corp', url: recording.url, push: 'record' }],
    config: { auth: { users }, data: `${stage.dir}/second` },
  });
  ci = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf('ci')),
  );
  nobody = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(null),
  );
  beside = createPusher(
    () => second.registry,
    () => Promise.resolve(basicOf('ci')),
  );
});
afterAll(async () => {
  await second.stop();
  await recording.close();
  await stage.close();
});

const manifestsPut = (upstream: Upstream): readonly string[] =>
  upstream.requests
    .filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'))
    .map(({ path }) => path);

describe('a push that is gated', () => {
  it('arrives at the upstream when it is cleared, with nothing fetched back for the inspection', async () => {
    expect(await ci.push('corp/team/good', '1', clean)).toMatchObject({
      status: 201,
      headers: { 'docker-content-digest': clean.manifest.digest },
    });
    expect(manifestsPut(stage.upstream)).toEqual(['/v2/team/good/manifests/1']);
    for (const blob of clean.blobs.keys()) {
      expect(stage.upstream.count(`/v2/team/good/blobs/${blob}`, 'GET')).toBe(0);
    }
    const pulled = await nobody.ask('/v2/corp/team/good/manifests/1');
    expect([pulled.status, pulled.body.equals(clean.manifest.bytes)]).toEqual([200, true]);
  });

  it('tells the pusher why it is refused, and the manifest never reaches the upstream', async () => {
    stage.upstream.forgetRequests();
    expect(await ci.push('corp/team/bad', '1', bad)).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringMatching(/registry\.corp\/team\/bad:1.*CVE-2026-1001.*3\.0\.2-1/),
    });
    expect(manifestsPut(stage.upstream)).toEqual([]);
    expect((await nobody.ask(`/v2/corp/team/bad/manifests/${bad.manifest.digest}`)).status).toBe(404);
    expect((await nobody.ask('/v2/corp/team/bad/manifests/1')).status).toBe(404);
  });

  it('of an index goes on when all its named platforms are allowed', async () => {
    const arm = debian('curl', '7.88-1', 'arm', { platform: linuxArm64 });
    expect((await ci.push('corp/team/both', '1', buildIndex([clean, arm]))).status).toBe(201);
  });

  it('takes chunks, tells how far they are, and never shows where the upstream keeps them', async () => {
    const bytes = noise(200_000);
    const location = await ci.begin('corp/team/chunks');
    expect(location).toMatch(/^\/v2\/corp\/team\/chunks\/blobs\/uploads\/[0-9a-f]{32}$/);
    const first = await ci.ask(location, {
      method: 'PATCH',
      body: bytes.subarray(0, 100_000),
      headers: { 'Content-Range': '0-99999', 'Content-Length': '100000' },
    });
    expect(first).toMatchObject({ status: 202, headers: { range: '0-99999', location } });
    const body = bytes.subarray(100_000);
    const done = await ci.ask(`${location}?digest=${sha256(bytes)}`, { method: 'PUT', body });
    expect(done).toMatchObject({
      status: 201,
      headers: { location: `/v2/corp/team/chunks/blobs/${sha256(bytes)}` },
    });
    expect((await ci.ask(location)).status).toBe(404);
  });

  it('says so where an upload is asked for what it does not take', async () => {
    const location = await ci.begin('corp/team/method');
    expect(await ci.ask(location, { method: 'POST' })).toMatchObject({ status: 405, code: 'UNSUPPORTED' });
    const bytes = noise(100);
    const put = await ci.ask(`${location}?digest=${sha256(bytes)}`, { method: 'PUT', body: bytes });
    expect(put.status).toBe(201);
  });

  it('hands on that the digest is a lie, or that a blob is missing', async () => {
    const location = await ci.begin('corp/team/lie');
    const put = await ci.ask(`${location}?digest=${sha256('x')}`, { method: 'PUT', body: noise(100) });
    expect(put).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    const unseen = debian('curl', '7.88-1', 'its blobs are never pushed');
    const missing = await ci.manifest('corp/team/empty', '1', unseen.manifest);
    expect(missing).toMatchObject({ status: 404, code: 'MANIFEST_BLOB_UNKNOWN' });
    expect(manifestsPut(stage.upstream)).not.toContain('/v2/team/empty/manifests/1');
  });

  it('says which blobs are there, to who may push', async () => {
    const [digest = '', bytes = Buffer.alloc(0)] = [...clean.blobs][0] ?? [];
    const path = `/v2/corp/team/good/blobs/${digest}`;
    expect(await ci.ask(path, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': String(bytes.length) },
    });
    expect((await ci.ask(`/v2/corp/team/other/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
  });

  it('never sends the pusher’s credentials to the upstream', () => {
    const sent = stage.upstream.requests.map(({ headers }) => headers.authorization ?? '');
    expect(sent).not.toContain(basicOf('ci'));
    expect(sent.some((one) => one.startsWith('Bearer token-'))).toBe(true);
  });

  it('is open to nobody who did not log in', async () => {
    expect((await nobody.ask('/v2/corp/team/good/blobs/uploads/', { method: 'POST' })).status).toBe(401);
  });
});

describe('an exception for a repository', () => {
  const policy = `
version: 1
name: with-an-exception
rules:
  - { id: fixable, title: A fix exists, action: deny, when: { fixAvailable: true } }
exceptions:
  - advisory: CVE-2026-1001
    image: registry.corp/team/*
    reason: It is not reachable there.
    author: security@example.org
    expires: 2099-01-01
`;

  it('lets a push into it through, and is not undone by a push elsewhere that is refused', async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    const other = await openStage({ push: 'gate', policy, config: { auth: { users } } });
    try {
      const pusher = createPusher(
        () => other.pratique.registry,
        () => Promise.resolve(basicOf('ci')),
      );
      expect((await pusher.push('corp/team/app', '1', bad)).status).toBe(201);
      expect((await other.pull('team/app', '1')).status).toBe(200);
      expect(await pusher.push('corp/elsewhere/app', '1', bad)).toMatchObject({
        status: 403,
        code: 'DENIED',
      });
      expect((await other.pull('team/app', '1')).status).toBe(200);
      const log = other.pratique.log();
      await other.restart();
      expect((await other.pull('team/app', '1')).status).toBe(200);
      expect(log).toMatch(
        /"method":"PUT".*\/v2\/corp\/team\/app\/manifests\/1.*"user":"ci".*repository changed/,
      );
      expect(log).toMatch(
        /elsewhere\/app\/manifests\/1.*"status":403,"user":"ci".*CVE-2026-1001.*request refused/,
      );
    } finally {
      await other.close();
    }
  });
});

describe('a push that is recorded', () => {
  it('goes on at once, and is refused to who pulls it', async () => {
    expect((await beside.push('loose/app', '1', bad)).status).toBe(201);
    expect(manifestsPut(recording)).toEqual(['/v2/app/manifests/1']);
    expect((await beside.ask('/v2/loose/app/manifests/1')).status).toBe(403);
  });
});
