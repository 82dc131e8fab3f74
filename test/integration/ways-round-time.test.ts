import { rmSync, utimesSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/pratique.ts';
import type { Fault } from '../support/upstream.ts';
import { bad, blobsIn, clean, debian, openStage, type Stage } from './stage.ts';

/** Ways round the gate through time, state, and what the upstream does. Numbers: docs/ways-round.md. */

describe('an upstream that', () => {
  let stage: Stage;
  const moved = { server: createServer(), asked: [] as string[] };
  beforeAll(async () => {
    moved.server.on('request', (request, response) => {
      moved.asked.push(request.headers.authorization ?? '');
      response.end('bytes from another place');
    });
    await new Promise<void>((resolve) => moved.server.listen(0, '127.0.0.1', resolve));
    stage = await openStage({
      repositories: { 'team/app': { clean } },
      auth: { kind: 'basic', credentials: { username: 'pratique', password: 'p' } },
      credentials: { username: 'pratique', password: 'p' },
    });
  });
  afterAll(async () => {
    await stage.close();
    moved.server.close();
  });
  /** Another image each time, so that nothing is known of it. */
  const fresh = (note: string): ReturnType<typeof debian> => {
    const image = debian('curl', '7.88-1', note);
    stage.upstream.put('team/app', note, image);
    return image;
  };

  it('25: moves the tag: what is judged is what is served', async () => {
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    stage.upstream.put('team/app', 'clean', bad);
    expect((await stage.get('team/app/manifests/clean')).status).toBe(403);
    expect((await stage.head('team/app/manifests/clean')).status).toBe(403);
    stage.upstream.put('team/app', 'clean', clean);
    expect((await stage.get('team/app/manifests/clean')).status).toBe(200);
  });

  it('25: announces one digest on HEAD and gives another manifest', async () => {
    const image = fresh('two-faced');
    const lie = { headers: { 'docker-content-digest': bad.manifest.digest, etag: '"lie"' } };
    stage.upstream.put('team/app', 'bad', bad);
    const release = stage.upstream.fault('/v2/team/app/manifests/two-faced', lie, { method: 'HEAD' });
    expect((await stage.get('team/app/manifests/two-faced')).status).toBe(403);
    release();
    const bytes = stage.upstream.fault(`/v2/team/app/manifests/${image.manifest.digest}`, { corrupt: true });
    expect(await stage.get('team/app/manifests/two-faced')).toMatchObject({
      status: 403,
      message: expect.stringMatching(/gave content with the digest/),
    });
    bytes();
  });

  const wrong: readonly (readonly [string, Fault, RegExp])[] = [
    ['26: gives other bytes for a layer', { corrupt: true }, /digest/],
    ['26: gives more bytes than the layer has', { append: Buffer.from('more') }, /bytes/],
    ['27: breaks off', { cutAfter: 20 }, /broke off after \d+ bytes/],
    ['28: gives a web page', { html: true }, /digest|web page|announced/],
    ['28: fails', { status: 500 }, /answered 500/],
  ];
  it.each(wrong)('%s: nothing is served, and a later pull works', async (way, fault, reason) => {
    const note = way.replaceAll(/[^a-z0-9]+/g, '-');
    const image = fresh(note);
    const layer = image.layers[0]?.digest ?? '';
    const release = stage.upstream.fault(`/v2/team/app/blobs/${layer}`, fault);
    const answer = await stage.get(`team/app/manifests/${note}`);
    expect(answer).toMatchObject({ status: 403, code: 'DENIED', message: expect.stringMatching(reason) });
    expect((await stage.get(`team/app/blobs/${layer}`)).status).toBe(403);
    release();
    await sleep(2100);
    expect((await stage.pull('team/app', note)).status).toBe(200);
  });

  it('28: gives a web page for a manifest', async () => {
    fresh('page');
    const release = stage.upstream.fault('/v2/team/app/manifests/page', { html: true });
    const answer = await stage.get('team/app/manifests/page');
    expect(answer).toMatchObject({ status: 403, message: expect.stringContaining('web page') });
    release();
  });

  it('29: redirects to elsewhere: other bytes are not taken, credentials stay, clients are not sent there', async () => {
    const image = fresh('moved');
    const elsewhere = `http://localhost:${(moved.server.address() as AddressInfo).port}/x`;
    const release = stage.upstream.fault(/(blobs|tags)\//, { redirect: elsewhere });
    expect((await stage.get('team/app/manifests/moved')).status).toBe(403);
    const layer = await stage.get(`team/app/blobs/${image.layers[0]?.digest}`);
    const tags = await stage.get('team/app/tags/list');
    for (const answer of [layer, tags]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.location).toBeUndefined();
    }
    expect(moved.asked.length).toBeGreaterThan(0);
    expect(moved.asked.every((authorization) => authorization === '')).toBe(true);
    release();
  });
});

describe('advisories that', () => {
  let stage: Stage | null = null;
  afterEach(async () => {
    await stage?.close();
    stage = null;
  });

  it('30: were never imported: nothing is served, and nothing is fetched', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean } }, feeds: null });
    const answer = await stage.get('team/app/manifests/clean');
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(/no advisories.*advisories update/),
    });
    expect(stage.upstream.count(/blobs/)).toBe(0);
  });

  it('30: are gone while it runs: what was served is not any more', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean } } });
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    rmSync(join(stage.pratique.dataDir, 'advisories.db'));
    await sleep(6500);
    expect((await stage.get('team/app/manifests/clean')).status).toBe(403);
    for (const blob of blobsIn(clean)) {
      expect([blob, (await stage.get(`team/app/blobs/${blob}`)).status]).toEqual([blob, 403]);
    }
  });

  it('30: are too old', async () => {
    stage = await openStage({ repositories: { 'team/app': { clean } } });
    expect((await stage.get('team/app/manifests/clean')).status).toBe(200);
    const osv = join(stage.dir, 'osv');
    const longAgo = new Date(Date.now() - 30 * 86_400_000);
    utimesSync(join(osv, 'Debian', 'all.zip'), longAgo, longAgo);
    await runCli(['advisories', 'update', '--from', osv, '--data', stage.pratique.dataDir]);
    await sleep(6500);
    const answer = await stage.get('team/app/manifests/clean');
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(/oldest advisories are of .* 7d old/),
    });
  });
});

describe('state', () => {
  it('31: that is deleted: nothing is served that is not vetted anew', async () => {
    const stage = await openStage({ repositories: { 'team/app': { clean, bad } } });
    try {
      expect((await stage.pull('team/app', 'clean')).status).toBe(200);
      expect((await stage.get('team/app/manifests/bad')).status).toBe(403);
      await stage.pratique.stop();
      for (const file of ['state.db', 'state.db-wal', 'state.db-shm']) {
        rmSync(join(stage.pratique.dataDir, file), { force: true });
      }
      await stage.restart();
      for (const blob of [...blobsIn(clean), ...blobsIn(bad)]) {
        expect([blob, (await stage.get(`team/app/blobs/${blob}`)).status]).toEqual([blob, 403]);
      }
      expect((await stage.get('team/app/manifests/bad')).status).toBe(403);
      expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    } finally {
      await stage.close();
    }
  });

  it('32: an image copied into a repository that has an exception loses it', async () => {
    const exception =
      '{ advisory: CVE-2026-1001, image: "registry.corp/exempt/*", reason: tested, author: ada, expires: 2099-12-31 }';
    const stage = await openStage({
      repositories: { 'exempt/app': { bad }, 'team/app': { bad } },
      policy: `
version: 1
name: one exception
rules: [{ id: critical, action: deny, when: { severity: { atLeast: critical, unknown: false } } }]
exceptions: [${exception}]
`,
    });
    try {
      expect((await stage.pull('exempt/app', 'bad')).status).toBe(200);
      expect((await stage.get('team/app/manifests/bad')).status).toBe(403);
      expect((await stage.get('exempt/app/manifests/bad')).status).toBe(403);
      for (const blob of blobsIn(bad)) {
        expect([blob, (await stage.get(`exempt/app/blobs/${blob}`)).status]).toEqual([blob, 403]);
      }
    } finally {
      await stage.close();
    }
  });
});
