import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildIndex, linuxArm64, sha256 } from '../support/images.ts';
import { startUpstream } from '../support/upstream.ts';
import { ask } from './client.ts';
import { bad, blobsIn, clean, debian, openStage, type Stage, uncovered, warned } from './stage.ts';

const badArm = debian('openssl', '3.0.1-1', 'arm', { platform: linuxArm64 });
const riscv = { os: 'linux', architecture: 'riscv64', variant: null };
const cleanRiscv = debian('curl', '7.88-1', 'riscv', { platform: riscv });

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: {
      'team/app': {
        clean,
        bad,
        warned,
        uncovered,
        mixed: buildIndex([clean, badArm]),
        'all-bad': buildIndex([bad, badArm]),
        elsewhere: buildIndex([cleanRiscv]),
      },
    },
  });
});
afterAll(() => stage.close());

describe('a first pull', () => {
  it('gives a clean image byte for byte, and HEAD says what GET says', async () => {
    const manifest = await stage.get('team/app/manifests/clean');
    expect(manifest).toMatchObject({
      status: 200,
      headers: {
        'content-type': clean.manifest.mediaType,
        'docker-content-digest': clean.manifest.digest,
        'content-length': String(clean.manifest.bytes.length),
      },
    });
    expect(manifest.body.equals(clean.manifest.bytes)).toBe(true);
    for (const [digest, bytes] of clean.blobs) {
      const blob = await stage.get(`team/app/blobs/${digest}`);
      expect(blob).toMatchObject({
        status: 200,
        headers: { 'docker-content-digest': digest, 'content-length': String(bytes.length) },
      });
      expect(sha256(blob.body)).toBe(digest);
    }
    for (const path of [
      'team/app/manifests/clean',
      `team/app/manifests/${clean.manifest.digest}`,
      ...blobsIn(clean).map((digest) => `team/app/blobs/${digest}`),
    ]) {
      const [get, head] = [await stage.get(path), await stage.head(path)];
      const { date: _getDate, ...getHeaders } = get.headers;
      const { date: _headDate, ...headHeaders } = head.headers;
      expect([path, head.status, head.body.length, headHeaders]).toEqual([path, 200, 0, getHeaders]);
    }
  });

  it('refuses a bad image with finding and fix, on HEAD in the reason phrase', async () => {
    const get = await stage.get('team/app/manifests/bad');
    expect(get).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringMatching(/registry\.corp\/team\/app:bad.*CVE-2026-1001.*openssl.*3\.0\.2-1/),
      headers: { 'content-type': 'application/json' },
    });
    const head = await stage.head('team/app/manifests/bad');
    expect(head.status).toBe(403);
    expect(head.phrase).toMatch(/^Blocked by Pratique: .*CVE-2026-1001.*openssl.*3\.0\.2-1/);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    for (const digest of blobsIn(bad)) {
      expect([digest, (await stage.get(`team/app/blobs/${digest}`)).status]).toEqual([digest, 403]);
      expect([digest, (await stage.head(`team/app/blobs/${digest}`)).status]).toEqual([digest, 403]);
    }
  });
});

describe('what is said of an image', () => {
  it.each([
    ['uncovered', 403, /no advisories cover Alpine:v3\.19/],
    ['unknown', 404, /has nothing there/],
  ])('%s: %d', async (tag, status, message) => {
    const answer = await stage.get(`team/app/manifests/${tag}`);
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('is a warning header where it is allowed with findings', async () => {
    const answer = await stage.get('team/app/manifests/warned');
    expect(answer).toMatchObject({
      status: 200,
      headers: { warning: expect.stringMatching(/^299 - ".*CVE-2026-1002.*"$/) },
    });
    expect((await stage.get('team/app/manifests/clean')).headers.warning).toBeUndefined();
  });

  it('can be read whole where the refusal says', async () => {
    const refusal = await stage.get('team/app/manifests/bad');
    const { errors } = JSON.parse(refusal.body.toString()) as { errors: { detail: string }[] };
    const report = new URL(errors[0]?.detail.replace('Report: ', '') ?? '');
    const answer = await ask(report.origin, report.pathname);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      digest: bad.manifest.digest,
      images: ['registry.corp/team/app'],
      verdict: { status: 'fail' },
      findings: [{ id: 'DEBIAN-CVE-2026-1001', fixedVersion: '3.0.2-1' }],
    });
  });
});

describe('an image for several platforms', () => {
  it('is served when one is allowed, and the bad one is refused by its digest', async () => {
    expect((await stage.get('team/app/manifests/mixed')).status).toBe(200);
    expect((await stage.get(`team/app/manifests/${clean.manifest.digest}`)).status).toBe(200);
    const child = await stage.get(`team/app/manifests/${badArm.manifest.digest}`);
    expect(child).toMatchObject({ status: 403, message: expect.stringContaining('CVE-2026-1001') });
  });

  it('is refused when none is, with each platform named', async () => {
    const answer = await stage.get('team/app/manifests/all-bad');
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(/linux\/amd64: .*CVE-2026-1001/),
    });
    expect(answer.message).toMatch(/linux\/arm64: .*CVE-2026-1001/);
  });

  it('is refused, in those words, when it has none that is vetted here', async () => {
    const answer = await stage.get('team/app/manifests/elsewhere');
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(/offers linux\/riscv64, and none of those that are vetted here/),
    });
    const child = await stage.get(`team/app/manifests/${cleanRiscv.manifest.digest}`);
    expect(child.status).toBe(200);
  });
});

describe('a name', () => {
  it.each(['team/app/manifests/clean', 'team/app/manifests/bad', 'team/app/tags/list'])(
    '%s means the same as path and as ns',
    async (path) => {
      const byPath = await stage.get(path);
      const byNamespace = await ask(stage.pratique.registry, `/v2/${path}?ns=registry.corp`);
      expect([byNamespace.status, byNamespace.body]).toEqual([byPath.status, byPath.body]);
    },
  );

  it('of an unknown registry is 404, and is never dialled', async () => {
    const stranger = await startUpstream({ repositories: { 'team/app': { clean } } });
    try {
      const { host } = stranger;
      for (const path of [
        `/v2/team/app/manifests/clean?ns=${host}`,
        `/v2/${host}/team/app/manifests/clean`,
      ]) {
        expect([path, (await ask(stage.pratique.registry, path)).status]).toEqual([
          path,
          path.includes('?') ? 404 : 400,
        ]);
      }
      expect(stranger.requests).toHaveLength(0);
    } finally {
      await stranger.close();
    }
  });

  it('below hosted/ is of a repository that nobody has pushed to', async () => {
    const answer = await ask(stage.pratique.registry, '/v2/hosted/app/manifests/latest');
    expect(answer).toMatchObject({ status: 404, code: 'MANIFEST_UNKNOWN' });
    const push = await ask(stage.pratique.registry, '/v2/hosted/app/blobs/uploads/', { method: 'POST' });
    expect(push).toMatchObject({ status: 403, message: expect.stringContaining('auth.users') });
  });
});

describe('lists of tags', () => {
  it('come from the upstream, and lead back here', async () => {
    const first = await stage.get('team/app/tags/list?n=2');
    expect(JSON.parse(first.body.toString())).toEqual({ name: 'team/app', tags: ['all-bad', 'bad'] });
    expect(first.headers.link).toBe('</v2/corp/team/app/tags/list?n=2&last=bad>; rel="next"');
    const next = await ask(stage.pratique.registry, '/v2/corp/team/app/tags/list?n=2&last=bad');
    expect(JSON.parse(next.body.toString())).toEqual({ name: 'team/app', tags: ['clean', 'elsewhere'] });
  });

  it('and no other request take a client’s credentials to the upstream', async () => {
    const headers = { Authorization: 'Basic c2VjcmV0OnNlY3JldA==', Cookie: 'session=secret' };
    stage.upstream.put('team/secrets', 'new', debian('curl', '7.88-2', 'credentials'));
    stage.upstream.forgetRequests();
    await stage.get('team/app/tags/list', { headers });
    await stage.get('team/secrets/manifests/new', { headers });
    expect(stage.upstream.requests.length).toBeGreaterThan(3);
    for (const seen of stage.upstream.requests) {
      expect([seen.path, seen.headers.authorization, seen.headers.cookie]).toEqual([
        seen.path,
        undefined,
        undefined,
      ]);
    }
  });
});

describe('an upstream that wants credentials', () => {
  it('gets its own, and gives the image to those who ask here', async () => {
    const credentials = { username: 'pratique', password: 'of-its-own' };
    const locked = await openStage({
      repositories: { 'team/app': { clean } },
      auth: { kind: 'token', credentials },
      credentials,
    });
    try {
      expect((await locked.pull('team/app', 'clean')).status).toBe(200);
      expect((await locked.get('team/app/tags/list')).status).toBe(200);
      locked.upstream.revokeTokens();
      locked.upstream.put('team/app', 'later', debian('curl', '7.88-3', 'later'));
      expect((await locked.pull('team/app', 'later')).status).toBe(200);
    } finally {
      await locked.close();
    }
  });

  it('and refuses ours: the answer names the upstream and what to check, and asks nobody to log in', async () => {
    const locked = await openStage({
      repositories: { 'team/app': { clean } },
      auth: { kind: 'token', credentials: { username: 'somebody', password: 'else' } },
    });
    try {
      for (const path of ['team/app/manifests/clean', 'team/app/tags/list']) {
        const answer = await locked.get(path);
        expect(answer).toMatchObject({
          status: 403,
          code: 'DENIED',
          message: expect.stringContaining('corp'),
        });
        expect(answer.headers['www-authenticate']).toBeUndefined();
      }
    } finally {
      await locked.close();
    }
  });
});
