import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importFeeds } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { Fault } from '../support/upstream.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { clean, debian, laterFeeds, openStage, type Stage } from './stage.ts';

const other = debian('curl', '9-1', 'other');
/** Asks of the upstream for what a tag means. */
const asked = (stage: Stage, repository: string, tag = '1'): number =>
  stage.upstream.count(`/v2/${repository}/manifests/${tag}`);

describe('a tag within its time', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ turnedClock: true, upstreamKeys: { tagTtl: '60s', missingTtl: '30s' } });
  });
  afterAll(() => stage.close());

  it('is asked of the upstream once, and again when the time is over, by its ETag', async () => {
    stage.upstream.put('a', '1', clean);
    for (let at = 0; at < 3; at += 1) expect((await stage.get('a/manifests/1')).status).toBe(200);
    expect(asked(stage, 'a')).toBe(1);
    await stage.pratique.turn(61_000);
    stage.upstream.forgetRequests();
    const again = await stage.get('a/manifests/1');
    expect([again.status, again.body.equals(clean.manifest.bytes)]).toEqual([200, true]);
    expect(stage.upstream.requests.map(({ method, headers }) => [method, headers['if-none-match']])).toEqual([
      ['HEAD', `"${clean.manifest.digest}"`],
    ]);
    stage.upstream.put('a', '1', other);
    await stage.pratique.turn(122_000);
    expect((await stage.get('a/manifests/1')).headers['docker-content-digest']).toBe(other.manifest.digest);
  });

  it('that is not there is asked for once', async () => {
    stage.upstream.put('b', 'else', clean);
    for (let at = 0; at < 3; at += 1) expect((await stage.get('b/manifests/1')).status).toBe(404);
    expect(asked(stage, 'b')).toBe(1);
  });

  it('is counted by what became of it', async () => {
    const text = await (await fetch(`${stage.pratique.management}/metrics`)).text();
    for (const outcome of ['fresh', 'unchanged', 'moved', 'missing', 'negative-hit']) {
      expect(text).toMatch(
        new RegExp(`pratique_tag_requests_total\\{upstream="corp",outcome="${outcome}"\\} [1-9]`),
      );
    }
  });

  it('is confirmed by 304 to who has it, and so are its blobs', async () => {
    stage.upstream.put('c', '1', clean);
    expect((await stage.pull('c', '1')).status).toBe(200);
    const layer = clean.layers[0]?.digest ?? '';
    for (const [path, digest] of [
      ['manifests/1', clean.manifest.digest],
      [`blobs/${layer}`, layer],
    ]) {
      const kept = await stage.get(`c/${path}`, { headers: { 'If-None-Match': `"${digest}"` } });
      expect([kept.status, kept.body.length]).toEqual([304, 0]);
      expect((await stage.get(`c/${path}`, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
    }
  });
});

describe('a tag that the upstream does not answer for', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ upstreamKeys: { staleAfter: '1s' } });
  });
  afterAll(() => stage.close());
  const stale = {
    status: 200,
    headers: { warning: expect.stringMatching(/^110 /), age: expect.any(String) },
  };

  it.each<[string, Fault]>([
    ['resets', { reset: true }],
    ['hangs', { delay: 5000 }],
    ['throttles', { status: 429 }],
    ['fails', { status: 503 }],
    ['shows a web page', { html: true }],
  ])('because it %s is what it said last, and marked so', async (what, fault) => {
    const repository = what.replaceAll(' ', '-');
    stage.upstream.put(repository, '1', clean);
    const fresh = await stage.get(`${repository}/manifests/1`);
    expect([fresh.status, fresh.headers.warning]).toEqual([200, undefined]);
    const restore = stage.upstream.fault(/manifests/, fault);
    expect(await stage.get(`${repository}/manifests/1`)).toMatchObject(stale);
    restore();
  });

  it('because it may not be had any more is refused', async () => {
    stage.upstream.put('taken', '1', clean);
    expect((await stage.get('taken/manifests/1')).status).toBe(200);
    const restore = stage.upstream.fault(/manifests/, { status: 403 });
    expect((await stage.get('taken/manifests/1')).status).toBe(403);
    restore();
  });

  it('123: is stale after a restart too, and refused where its image has turned bad', async () => {
    stage.upstream.put('turned', '1', clean);
    expect((await stage.get('turned/manifests/1')).status).toBe(200);
    const restore = stage.upstream.fault(/manifests/, { reset: true });
    await stage.restart();
    expect(await stage.get('turned/manifests/1')).toMatchObject(stale);
    await importFeeds(stage.dir, laterFeeds);
    await stage.restart();
    let refused = await stage.get('turned/manifests/1');
    for (let tries = 0; refused.status === 429 && tries < 50; tries += 1)
      refused = await stage.get('turned/manifests/1');
    expect([refused.status, refused.message]).toEqual([403, expect.stringContaining('CVE-2026-1003')]);
    const etag = { headers: { 'If-None-Match': `"${clean.manifest.digest}"` } };
    expect((await stage.get('turned/manifests/1', etag)).status).toBe(403);
    restore();
  });
});

describe('124: another image under a tag that stays', () => {
  let stage: Stage;
  let ci: Pusher;
  const repository = 'hosted/fixed';
  beforeAll(async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    stage = await openStage({
      feeds: null,
      config: { auth: { users }, hosted: { immutableTags: ['hosted/**:v*'] } },
    });
    ci = createPusher(
      () => stage.pratique.registry,
      () => Promise.resolve(basicOf('ci')),
    );
    for (const [at, image] of [clean, other].entries())
      expect((await ci.push(repository, `moves-${at}`, image)).status).toBe(201);
  });
  afterAll(() => stage.close());

  it.each([1, 2, 3, 4, 5])('is taken from one of two pushes at once (%d)', async (at) => {
    const answers = await Promise.all(
      [clean, other].map(({ manifest }) => ci.manifest(repository, `v${at}`, manifest)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    const first = answers[0]?.status === 201 ? clean : other;
    const tag = await ci.ask(`/v2/${repository}/tags/list`);
    expect(tag.body.toString()).toContain(`"v${at}"`);
    // The same again is no change; the other is refused by name.
    expect((await ci.manifest(repository, `v${at}`, first.manifest)).status).toBe(201);
    const second = await ci.manifest(repository, `v${at}`, (first === clean ? other : clean).manifest);
    expect(second).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringContaining('immutable'),
    });
  });

  it('does not become possible by deleting it', async () => {
    expect((await ci.manifest(repository, 'v-kept', clean.manifest)).status).toBe(201);
    for (const reference of ['v-kept', clean.manifest.digest]) {
      const answer = await ci.ask(`/v2/${repository}/manifests/${reference}`, { method: 'DELETE' });
      expect([reference, answer.status]).toEqual([reference, 403]);
    }
    expect((await ci.manifest(repository, 'moves-0', other.manifest)).status).toBe(201);
  });
});
